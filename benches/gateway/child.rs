//! A process that is measured: killed when it is let go of, and asked what it used.

use std::fs;
use std::process::{Child, Command};
use std::time::Duration;

pub struct Process(Child);

impl Process {
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|why| panic!("{command:?} does not start: {why}")))
    }

    /// Tells it to stop, and waits until it has.
    pub fn end(mut self) {
        let told = Command::new("kill").arg(self.0.id().to_string()).status();
        assert!(told.is_ok_and(|status| status.success()), "it cannot be told to stop");
        let _ = self.0.wait();
    }

    pub fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// Resident memory, in bytes.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that it ever had.
    pub fn peak_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.unwrap_or_default() * 1024
    }

    /// Processor time so far, its own and the kernel's for it.
    pub fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap_or_default();
        // The name of the program, in parentheses, may hold anything.
        let after = stat.rsplit(')').next().unwrap_or_default();
        let mut ticks = after.split_whitespace().skip(11).map(|field| field.parse().unwrap_or(0));
        let ticks: u64 = ticks.next().unwrap_or(0) + ticks.next().unwrap_or(0);
        // USER_HZ, which Linux tells everybody is 100.
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
