//! Whether something that a script did is committed, whatever becomes of the transaction that it
//! began in: told from the server's own word of each command.

use super::wire::TransactionStatus;

/// As many bytes of a command's tag as tell what is asked here.
pub(super) const TAG_BYTES: usize = 9;

/// What is known of the script that runs, or of the last one that did.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    watching: bool,
    /// Something is committed.
    kept: bool,
    /// Something was done since, of which no end is known.
    pending: bool,
}

impl Keeping {
    /// A script begins.
    pub(super) fn begin(&mut self) {
        *self = Self {
            watching: true,
            ..Self::default()
        };
    }

    /// The script is over: what comes now is none of its doing.
    pub(super) fn end(&mut self) {
        self.watching = false;
    }

    /// Whether something of the script is committed.
    pub(super) fn kept(&self) -> bool {
        self.kept
    }

    /// A command completed. Its `tag` may be cut off, and may have zeros behind it.
    pub(super) fn completed(&mut self, tag: [u8; TAG_BYTES]) {
        if !self.watching {
            return;
        }
        match &tag {
            // What is prepared stays as well. `COMMENT` begins like the one, `PREPARE` the other.
            b"COMMIT\0\0\0" | b"PREPARE T" => (self.kept, self.pending) = (true, false),
            // Or back to a savepoint: then the transaction is open still, and tells how it ends.
            b"ROLLBACK\0" => self.pending = false,
            _ => self.pending = true,
        }
    }

    /// A command failed, and with it what its message did outside a transaction.
    pub(super) fn failed(&mut self) {
        self.pending = false;
    }

    /// A message is done.
    pub(super) fn ready(&mut self, status: TransactionStatus) {
        if self.watching && status == TransactionStatus::Idle {
            // Outside a transaction, what a message did is committed at its end.
            self.kept |= self.pending;
            self.pending = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a script keeps, told as tags; `!` is an error, `T`, `E` and `I` end a message.
    fn kept(words: &str) -> bool {
        let mut keeping = Keeping::default();
        keeping.begin();
        for word in words.split(',') {
            match word {
                "!" => keeping.failed(),
                "T" => keeping.ready(TransactionStatus::Open),
                "E" => keeping.ready(TransactionStatus::Failed),
                "I" => keeping.ready(TransactionStatus::Idle),
                tag => {
                    let mut head = [0; TAG_BYTES];
                    for (to, from) in head.iter_mut().zip(tag.bytes()) {
                        *to = from;
                    }
                    keeping.completed(head);
                }
            }
        }
        keeping.end();
        keeping.completed(*b"COMMIT\0\0\0");
        keeping.ready(TransactionStatus::Idle);
        keeping.kept()
    }

    #[test]
    fn what_is_committed_is_told_from_what_is_not() {
        for words in [
            "CREATE TABLE,COMMIT,I",
            "ROLLBACK,CREATE TABLE,I",
            "SELECT 1,ROLLBACK,I,INSERT 0 1,I",
            "ROLLBACK,BEGIN,CREATE TABLE,COMMIT,BEGIN,SELECT 1,!,E",
            "CREATE TABLE,COMMIT,T",
            "PREPARE TRANSACTION,I",
            "ROLLBACK,DO,COMMIT,!,I",
        ] {
            assert!(kept(words), "{words}");
        }
        for words in [
            "CREATE TABLE,T",
            "CREATE TABLE,!,E",
            "CREATE TABLE,ROLLBACK,I",
            "CREATE TABLE,T,ROLLBACK,I",
            "ROLLBACK,CREATE TABLE,!,I",
            "ROLLBACK,BEGIN,CREATE TABLE,T",
            "COMMENT,T",
            "PREPARE,T",
            "SAVEPOINT,ROLLBACK,CREATE TABLE,T",
        ] {
            assert!(!kept(words), "{words}");
        }
    }
}
