//! What people would run instead.

pub struct Peers {
    pub running: Vec<Peer>,
}

pub struct Peer {
    pub name: &'static str,
    pub means: &'static str,
    pub url: String,
}

impl Peers {
    pub fn start() -> Self {
        Self { running: Vec::new() }
    }
}
