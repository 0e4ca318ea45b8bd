use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $sql:literal;)+) => {
        /// What a fact is about. Ordered as objects are best made, where nothing else decides.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Kind {
            /// Every kind, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The kind's kebab-case name.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// What SQL calls it, in upper case; for what SQL has no word for, a word for people.
            #[must_use]
            pub fn sql(self) -> &'static str {
                match self {
                    $(Self::$name => $sql,)+
                }
            }

            /// The kind of this kebab-case name.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// `name`: a schema.
    Schema = "schema", "SCHEMA";
    /// `name`: an extension. Its members are no facts.
    Extension = "extension", "EXTENSION";
    /// `name`: a foreign data wrapper.
    ForeignDataWrapper = "foreign-data-wrapper", "FOREIGN DATA WRAPPER";
    /// `name`: a foreign server.
    ForeignServer = "foreign-server", "SERVER";
    /// `server`, `user`: a user mapping, without secrets.
    UserMapping = "user-mapping", "USER MAPPING";
    /// `schema`, `name`: a collation.
    Collation = "collation", "COLLATION";
    /// `schema`, `name`: an enumerated type.
    Enum = "enum", "TYPE";
    /// `schema`, `name`: a composite type.
    Composite = "composite-type", "TYPE";
    /// `schema`, `type`, `name`: an attribute of a composite type.
    Attribute = "attribute", "COLUMN";
    /// `schema`, `name`: a range type, with its multirange type.
    Range = "range-type", "TYPE";
    /// `schema`, `name`: a domain.
    Domain = "domain", "DOMAIN";
    /// `schema`, `domain`, `name`: a check of a domain.
    DomainConstraint = "domain-constraint", "CONSTRAINT";
    /// `schema`, `name`, `argument types`: a function.
    Function = "function", "FUNCTION";
    /// `schema`, `name`, `argument types`: a procedure.
    Procedure = "procedure", "PROCEDURE";
    /// `schema`, `name`, `argument types`: an aggregate.
    Aggregate = "aggregate", "AGGREGATE";
    /// `schema`, `name`, `left type`, `right type`: an operator.
    Operator = "operator", "OPERATOR";
    /// `schema`, `name`, `access method`: an operator family.
    OperatorFamily = "operator-family", "OPERATOR FAMILY";
    /// `schema`, `name`, `access method`: an operator class.
    OperatorClass = "operator-class", "OPERATOR CLASS";
    /// `source type`, `target type`: a cast.
    Cast = "cast", "CAST";
    /// `schema`, `name`: a text search parser.
    TextSearchParser = "text-search-parser", "TEXT SEARCH PARSER";
    /// `schema`, `name`: a text search template.
    TextSearchTemplate = "text-search-template", "TEXT SEARCH TEMPLATE";
    /// `schema`, `name`: a text search dictionary.
    TextSearchDictionary = "text-search-dictionary", "TEXT SEARCH DICTIONARY";
    /// `schema`, `name`: a text search configuration.
    TextSearchConfiguration = "text-search-configuration", "TEXT SEARCH CONFIGURATION";
    /// `schema`, `name`: a sequence; an identity column's too, which is made with its column.
    Sequence = "sequence", "SEQUENCE";
    /// `schema`, `name`: a table, a partitioned one or a partition too.
    Table = "table", "TABLE";
    /// `schema`, `name`: a foreign table.
    ForeignTable = "foreign-table", "FOREIGN TABLE";
    /// `schema`, `relation`, `name`: a column; a view's too, which is made with its view.
    Column = "column", "COLUMN";
    /// `schema`, `table`, `parent's schema`, `parent`: a table inherits from another.
    Inheritance = "inheritance", "INHERITANCE";
    /// `schema`, `relation`, `column`: a column's default.
    Default = "default", "DEFAULT";
    /// `schema`, `table`, `name`: a check, a primary key, a unique or an exclusion constraint.
    Constraint = "constraint", "CONSTRAINT";
    /// `schema`, `name`: a view.
    View = "view", "VIEW";
    /// `schema`, `name`: a materialized view.
    MaterializedView = "materialized-view", "MATERIALIZED VIEW";
    /// `schema`, `relation`, `name`: an index that belongs to no constraint.
    Index = "index", "INDEX";
    /// `schema`, `table`: the table is a partition of another.
    Partition = "partition", "PARTITION";
    /// `schema`, `table`, `index`: an index of a partition belongs to the partitioned one.
    IndexAttachment = "index-attachment", "INDEX ATTACHMENT";
    /// `schema`, `name`: a sequence belongs to a column.
    SequenceOwner = "sequence-owner", "SEQUENCE OWNER";
    /// `schema`, `name`: extended statistics.
    Statistics = "statistics", "STATISTICS";
    /// `schema`, `table`: the index that the table was clustered by.
    Cluster = "cluster", "CLUSTER";
    /// `schema`, `table`: what of a row is told to subscribers, where that is not the primary key.
    ReplicaIdentity = "replica-identity", "REPLICA IDENTITY";
    /// `schema`, `relation`, `name`: a rewrite rule.
    Rule = "rule", "RULE";
    /// `schema`, `table`, `name`: a foreign key.
    ForeignKey = "foreign-key", "CONSTRAINT";
    /// `schema`, `relation`, `name`: a trigger.
    Trigger = "trigger", "TRIGGER";
    /// `schema`, `partition`, `name`: a partition's copy of a trigger fires in other sessions than that.
    PartitionTrigger = "partition-trigger", "TRIGGER";
    /// `schema`, `table`: whether row-level security is on and forced.
    RowSecurity = "row-security", "ROW LEVEL SECURITY";
    /// `schema`, `table`, `name`: a policy.
    Policy = "policy", "POLICY";
    /// `name`: a publication.
    Publication = "publication", "PUBLICATION";
    /// `publication`, `schema`, `table`: a table that is published.
    PublicationTable = "publication-table", "PUBLICATION TABLE";
    /// `publication`, `schema`: a schema whose tables are published.
    PublicationSchema = "publication-schema", "PUBLICATION SCHEMA";
    /// `kind`, then the object: who owns it, where that is not the state's home role.
    Owner = "owner", "OWNER";
    /// `kind`, then the object: what its owner may do, where that is not everything.
    OwnerRights = "owner-rights", "OWNER RIGHTS";
    /// `kind`, then the object, then the role, `public` for everybody: what it may do.
    Grant = "grant", "GRANT";
    /// `kind`, then the object: its comment.
    Comment = "comment", "COMMENT";
    /// `role`, `schema`, `object type`, `grantee`: rights that objects get when they are made. The
    /// role is empty for the state's home role, the schema for all of them.
    DefaultPrivileges = "default-privileges", "DEFAULT PRIVILEGES";
    /// `name`: an event trigger.
    EventTrigger = "event-trigger", "EVENT TRIGGER";
}

impl Kind {
    /// It is about another fact, whose kind and path its path begins with.
    #[must_use]
    pub fn is_about_another(self) -> bool {
        matches!(
            self,
            Self::Owner | Self::OwnerRights | Self::Grant | Self::Comment
        )
    }

    /// It has columns.
    #[must_use]
    pub fn is_relation(self) -> bool {
        matches!(
            self,
            Self::Table | Self::ForeignTable | Self::View | Self::MaterializedView
        )
    }

    /// It is a routine: its last name is the list of its argument types.
    #[must_use]
    pub fn is_routine(self) -> bool {
        matches!(self, Self::Function | Self::Procedure | Self::Aggregate)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.word().replace('-', " "))
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.word()), Some(*kind));
        }
        assert_eq!(Kind::parse("nothing"), None);
    }
}
