//! Which package brings the server binaries on this system.

use std::fs;

/// A kind of system, as far as installing PostgreSQL goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// What it calls itself: `Debian GNU/Linux 12 (bookworm)`.
    pub name: String,
    family: Option<Family>,
}

impl System {
    /// The system that this program runs on.
    #[must_use]
    pub fn here() -> Self {
        if cfg!(target_os = "macos") {
            return Self {
                name: "macOS".to_owned(),
                family: Some(Family::MacOs),
            };
        }
        let text = fs::read_to_string("/etc/os-release")
            .or_else(|_| fs::read_to_string("/usr/lib/os-release"))
            .unwrap_or_default();
        Self::from_os_release(&text)
    }

    /// Reads the text of an `os-release` file: the first family known, of `ID` and then of
    /// `ID_LIKE`, decides.
    #[must_use]
    pub fn from_os_release(text: &str) -> Self {
        let value = |key: &str| {
            text.lines()
                .find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='))
                .map(|value| value.trim_matches(['"', '\'']))
        };
        let families = value("ID")
            .into_iter()
            .chain(value("ID_LIKE").into_iter().flat_map(str::split_whitespace));
        Self {
            name: value("PRETTY_NAME")
                .or_else(|| value("NAME"))
                .unwrap_or(std::env::consts::OS)
                .to_owned(),
            family: families.into_iter().find_map(Family::of),
        }
    }

    /// The command that installs the server, of a major version or of whichever the system
    /// offers; none where it is not known.
    #[must_use]
    pub fn install(&self, major: Option<u32>) -> Option<String> {
        let newest = major.unwrap_or(17);
        Some(match (self.family?, major) {
            (Family::Debian, None) => "apt-get install postgresql".to_owned(),
            (Family::Debian, Some(major)) => format!("apt-get install postgresql-{major}"),
            (Family::Fedora, None) => "dnf install postgresql-server".to_owned(),
            (Family::Fedora, Some(major)) => format!("dnf install postgresql{major}-server"),
            (Family::Alpine, _) => format!("apk add postgresql{newest}"),
            (Family::Arch, None) => "pacman -S postgresql".to_owned(),
            (Family::Suse, None) => "zypper install postgresql-server".to_owned(),
            (Family::Suse, Some(major)) => format!("zypper install postgresql{major}-server"),
            (Family::MacOs, _) => format!("brew install postgresql@{newest}"),
            (Family::Arch, Some(_)) => return None,
        })
    }
}

/// Systems that install packages in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Debian,
    Fedora,
    Alpine,
    Arch,
    Suse,
    MacOs,
}

impl Family {
    /// The family of an `ID`.
    fn of(id: &str) -> Option<Self> {
        Some(match id {
            "debian" | "ubuntu" => Self::Debian,
            "fedora" | "rhel" | "centos" | "amzn" => Self::Fedora,
            "alpine" => Self::Alpine,
            "arch" => Self::Arch,
            "suse" | "opensuse" => Self::Suse,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::System;

    #[test]
    fn a_system_is_known_by_its_id_or_by_what_it_is_like() {
        let install = |text: &str, major| System::from_os_release(text).install(major);
        let cases = [
            (
                "ID=debian\n",
                "apt-get install postgresql",
                "apt-get install postgresql-15",
            ),
            (
                "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
                "apt-get install postgresql",
                "apt-get install postgresql-15",
            ),
            (
                "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n",
                "dnf install postgresql-server",
                "dnf install postgresql15-server",
            ),
            (
                "ID=alpine\n",
                "apk add postgresql17",
                "apk add postgresql15",
            ),
        ];
        for (text, any, major) in cases {
            assert_eq!(install(text, None).as_deref(), Some(any));
            assert_eq!(install(text, Some(15)).as_deref(), Some(major));
        }
        let manjaro = "ID=manjaro\nID_LIKE=arch\n";
        assert_eq!(
            install(manjaro, None).as_deref(),
            Some("pacman -S postgresql")
        );
        assert_eq!(install(manjaro, Some(15)), None);
        assert_eq!(install("ID=plan9\n", None), None);
        assert_eq!(
            System::from_os_release("ID=x\nPRETTY_NAME=\"X 1\"\n").name,
            "X 1"
        );
    }
}
