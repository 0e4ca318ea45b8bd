//! The text form of PostgreSQL's expression trees, `pg_node_tree`, read as it stands: nodes with
//! named fields, lists and words. What a node means is `expression`'s matter.

/// A part of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// `{LABEL :field value …}`; a field may have several values.
    Struct {
        label: String,
        fields: Vec<(String, Vec<Self>)>,
    },
    /// `(…)`
    List(Vec<Self>),
    /// Anything else, escapes read.
    Word(String),
    /// `<>`
    Null,
}

impl Node {
    /// Reads a tree. What is no tree is nothing.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { text, at: 0 };
        let node = reader.node()?;
        reader.token().is_none().then_some(node)
    }

    /// Its label.
    pub(super) fn label(&self) -> &str {
        match self {
            Self::Struct { label, .. } => label,
            _ => "",
        }
    }

    /// The values of a field; none where there is no such field.
    pub(super) fn values(&self, field: &str) -> &[Self] {
        match self {
            Self::Struct { fields, .. } => fields
                .iter()
                .find(|(name, _)| name == field)
                .map_or(&[], |(_, values)| values.as_slice()),
            _ => &[],
        }
    }

    /// The first value of a field.
    pub(super) fn field(&self, field: &str) -> Option<&Self> {
        self.values(field).first()
    }

    /// The word of a field.
    pub(super) fn word(&self, field: &str) -> Option<&str> {
        match self.field(field) {
            Some(Self::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// The number of a field.
    pub(super) fn number<T: std::str::FromStr>(&self, field: &str) -> Option<T> {
        self.word(field)?.parse().ok()
    }

    /// The items of a field that is a list.
    pub(super) fn items(&self, field: &str) -> &[Self] {
        match self.field(field) {
            Some(Self::List(items)) => items,
            _ => &[],
        }
    }

    /// Every node in this one, itself first.
    pub(super) fn visit(&self, visitor: &mut impl FnMut(&Self)) {
        visitor(self);
        match self {
            Self::Struct { fields, .. } => {
                for value in fields.iter().flat_map(|(_, values)| values) {
                    value.visit(visitor);
                }
            }
            Self::List(items) => {
                for item in items {
                    item.visit(visitor);
                }
            }
            Self::Word(_) | Self::Null => {}
        }
    }
}

/// Tokens, by the rules of the server's `pg_strtok`.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn token(&mut self) -> Option<&'t str> {
        let rest = &self.text[self.at..];
        let skipped = rest.len() - rest.trim_start_matches([' ', '\n', '\t']).len();
        let start = self.at + skipped;
        let rest = &self.text[start..];
        let first = rest.chars().next()?;
        let mut end = first.len_utf8();
        if !"(){}".contains(first) {
            let mut escaped = first == '\\';
            end = rest.len();
            for (at, character) in rest.char_indices().skip(1) {
                if !escaped && " \n\t(){}".contains(character) {
                    end = at;
                    break;
                }
                escaped = character == '\\' && !escaped;
            }
        }
        self.at = start + end;
        Some(&rest[..end])
    }

    fn peek(&mut self) -> Option<&'t str> {
        let before = self.at;
        let token = self.token();
        self.at = before;
        token
    }

    fn node(&mut self) -> Option<Node> {
        match self.token()? {
            "{" => self.structure(),
            "(" => self.list(),
            ")" | "}" => None,
            "<>" => Some(Node::Null),
            word => Some(Node::Word(unescaped(word))),
        }
    }

    fn list(&mut self) -> Option<Node> {
        let mut items = Vec::new();
        while self.peek()? != ")" {
            items.push(self.node()?);
        }
        self.token();
        Some(Node::List(items))
    }

    fn structure(&mut self) -> Option<Node> {
        let label = self.token()?.to_owned();
        let mut fields = Vec::new();
        loop {
            match self.token()? {
                "}" => return Some(Node::Struct { label, fields }),
                name => {
                    let name = name.strip_prefix(':')?.to_owned();
                    let mut values = vec![self.node()?];
                    while !self.peek()?.starts_with([':', '}']) {
                        values.push(self.node()?);
                    }
                    fields.push((name, values));
                }
            }
        }
    }
}

fn unescaped(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut escaped = false;
    for character in word.chars() {
        if character == '\\' && !escaped {
            escaped = true;
        } else {
            out.push(character);
            escaped = false;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lists_and_words() {
        let node = Node::parse(
            r"{OPEXPR :opno 98 :args ({VAR :varno 1 :varattno 2} {CONST :constisnull false
              :constvalue 5 [ 20 0 0 0 97 ]}) :alias <> :name a\ b\(\\ :set (b 1 2)}",
        )
        .unwrap();
        assert_eq!(node.label(), "OPEXPR");
        assert_eq!(node.number::<u32>("opno"), Some(98));
        assert_eq!(node.items("args").len(), 2);
        assert_eq!(node.items("args")[0].number::<i16>("varattno"), Some(2));
        assert_eq!(node.items("args")[1].values("constvalue").len(), 8);
        assert_eq!(node.field("alias"), Some(&Node::Null));
        assert_eq!(node.word("name"), Some(r"a b(\"));
        assert_eq!(node.items("set").len(), 3);
        assert_eq!(node.field("nothing"), None);
        let mut labels = Vec::new();
        node.visit(&mut |node| labels.push(node.label().to_owned()));
        labels.retain(|label| !label.is_empty());
        assert_eq!(labels, ["OPEXPR", "VAR", "CONST"]);
    }

    #[test]
    fn what_is_no_tree() {
        for text in ["", "{", "{A", "{A :b", "{A b c}", "(", "{A :b 1} {", ")"] {
            assert_eq!(Node::parse(text), None, "{text}");
        }
    }
}
