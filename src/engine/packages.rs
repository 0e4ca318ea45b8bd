//! Which package brings the server binaries on this system.

use std::fs;

/// A kind of system, as far as installing PostgreSQL goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// What it calls itself: `Debian GNU/Linux 12 (bookworm)`.
    pub name: String,
    /// The command that installs the server, where it is known.
    pub install: Option<&'static str>,
}

impl System {
    /// The system that this program runs on.
    #[must_use]
    pub fn here() -> Self {
        if cfg!(target_os = "macos") {
            return Self {
                name: "macOS".to_owned(),
                install: Some("brew install postgresql@17"),
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
            install: families.into_iter().find_map(install_command),
        }
    }
}

/// The command that installs the server on a family of systems.
fn install_command(family: &str) -> Option<&'static str> {
    Some(match family {
        "debian" | "ubuntu" => "apt-get install postgresql",
        "fedora" | "rhel" | "centos" | "amzn" => "dnf install postgresql-server",
        "alpine" => "apk add postgresql",
        "arch" => "pacman -S postgresql",
        "suse" | "opensuse" => "zypper install postgresql-server",
        "nixos" => "nix-shell -p postgresql",
        "void" => "xbps-install postgresql",
        "gentoo" => "emerge dev-db/postgresql",
        "freebsd" => "pkg install postgresql17-server",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::System;

    #[test]
    fn a_system_is_known_by_its_id_or_by_what_it_is_like() {
        let install = |text: &str| System::from_os_release(text).install;
        assert_eq!(
            install("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n"),
            Some("apt-get install postgresql")
        );
        assert_eq!(
            install("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"),
            Some("apt-get install postgresql")
        );
        assert_eq!(
            install("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"),
            Some("dnf install postgresql-server")
        );
        assert_eq!(install("ID=alpine\n"), Some("apk add postgresql"));
        assert_eq!(
            install("ID=manjaro\nID_LIKE=arch\n"),
            Some("pacman -S postgresql")
        );
        assert_eq!(install("ID=plan9\n"), None);
        assert_eq!(
            System::from_os_release("ID=x\nPRETTY_NAME=\"X 1\"\n").name,
            "X 1"
        );
    }
}
