//! What the bodies of webhooks take of memory, together: from the first byte read
//! until the event is on disk, whoever holds them meanwhile.

use std::sync::Arc;

use actix_web::web::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A body grows in steps of this at least.
const STEP_BYTES: usize = 4 * 1024;

/// How many bytes there is room for. Clones share it.
#[derive(Clone)]
pub struct Memory(Arc<Semaphore>);

/// There is none left at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Memory {
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))))
    }

    /// A body of `most_bytes` at most, of which nothing has come yet. It takes room
    /// as it comes: who declares much and sends nothing keeps nobody out.
    pub fn body(&self, most_bytes: usize) -> Growing {
        Growing { memory: self.clone(), most_bytes, bytes: Vec::new(), room: None }
    }

    fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Full> {
        let bytes = u32::try_from(bytes).map_err(|_| Full)?;
        Arc::clone(&self.0).try_acquire_many_owned(bytes).map_err(|_| Full)
    }
}

/// A body that is being read.
pub struct Growing {
    memory: Memory,
    most_bytes: usize,
    bytes: Vec<u8>,
    room: Option<OwnedSemaphorePermit>,
}

impl Growing {
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// What room was taken for is what is held, to the byte.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Full> {
        let (have, needed) = (self.bytes.capacity(), self.bytes.len() + piece.len());
        if needed > have {
            let wanted = (have * 2).max(STEP_BYTES).min(self.most_bytes).max(needed);
            let more = self.memory.take(wanted - have)?;
            match &mut self.room {
                Some(room) => room.merge(more),
                None => self.room = Some(more),
            }
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// The whole body. Its room is given back when the last who holds it is gone.
    pub fn done(self) -> Bytes {
        match self.room {
            Some(room) => Bytes::from_owner(Held { bytes: self.bytes, _room: room }),
            None => Bytes::new(),
        }
    }
}

struct Held {
    bytes: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_never_more_than_there_is() {
        let memory = Memory::new(10_000);
        let mut first = memory.body(6_000);
        first.push(&[1; 5_000]).unwrap();
        let mut second = memory.body(6_000);
        second.push(&[2; 4_900]).unwrap();
        assert_eq!(second.push(&[2; 200]), Err(Full));
        let first = first.done();
        let also_first = first.slice(1..3);
        drop(first);
        assert_eq!(second.push(&[2; 200]), Err(Full), "somebody still has a piece of it");
        drop(also_first);
        second.push(&[2; 200]).unwrap();
        let second = second.done();
        assert_eq!(second, [2; 5_100][..]);
        drop(second);
        assert_eq!(memory.0.available_permits(), 10_000);
    }

    #[test]
    fn a_body_grows_to_its_most_and_not_beyond() {
        let memory = Memory::new(10_000);
        let mut body = memory.body(9_000);
        for _ in 0..90 {
            body.push(&[7; 100]).unwrap();
        }
        assert_eq!(memory.0.available_permits(), 1_000);
        assert_eq!(body.done().len(), 9_000);
        assert_eq!(memory.body(1).done().len(), 0);
    }
}
