//! A process under test: started with piped output that is read as it comes,
//! waited for by the lines it prints, killed when it is dropped.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use crate::PATIENCE;

pub struct Running {
    child: Child,
    stdout: Arc<Tap>,
    stderr: Arc<Tap>,
}

/// How a process ended, and all that it printed.
pub struct Ended {
    /// None: a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Asserts the exit code; the output explains a failure.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }
}

/// Runs to the end, which must come by itself.
#[track_caller]
pub fn run(command: &mut Command) -> Ended {
    Running::start(command).end()
}

/// As `run`, with something to read on its standard input.
#[track_caller]
pub fn run_with_input(command: &mut Command, input: &str) -> Ended {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    stdin.write_all(input.as_bytes()).expect("the input is taken");
    drop(stdin);
    Running::of(child).end()
}

impl Running {
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::of(command.spawn().expect("the binary starts"))
    }

    fn of(mut child: Child) -> Self {
        let stdout = Tap::on(child.stdout.take().expect("stdout is piped"));
        let stderr = Tap::on(child.stderr.take().expect("stderr is piped"));
        Self { child, stdout, stderr }
    }

    /// Waits until stdout holds `text`, and returns what it holds by then.
    #[track_caller]
    pub fn wait_for_stdout(&self, text: &str) -> String {
        self.wait_for(&self.stdout, text)
    }

    /// Waits until stderr, where logs go, holds `text`.
    #[track_caller]
    pub fn wait_for_log(&self, text: &str) -> String {
        self.wait_for(&self.stderr, text)
    }

    /// Waits until stdout holds `text` so many times, and returns what it holds.
    #[track_caller]
    pub fn wait_for_stdout_count(&self, count: usize, text: &str) -> String {
        let enough = |seen: &Seen| seen.text.matches(text).count() >= count;
        self.stdout.wait_until(enough).unwrap_or_else(|seen| panic!("not {count} times `{text}` in:\n{seen}"))
    }

    #[track_caller]
    fn wait_for(&self, tap: &Tap, text: &str) -> String {
        tap.wait_until(|seen| seen.text.contains(text)).unwrap_or_else(|seen| {
            let others = format!("{}{}", self.stdout.text(), self.stderr.text());
            panic!("no `{text}` in:\n{seen}\n--- all of it:\n{others}")
        })
    }

    /// Waits until stderr holds `text` so many times.
    #[track_caller]
    pub fn wait_for_logs(&self, count: usize, text: &str) {
        let enough = |seen: &Seen| seen.text.matches(text).count() >= count;
        if let Err(seen) = self.stderr.wait_until(enough) {
            panic!("not {count} times `{text}` in:\n{seen}");
        }
    }

    /// The public address of a gateway, when it is ready.
    #[track_caller]
    pub fn public(&self) -> SocketAddr {
        self.address("public")
    }

    /// The operator's address of a gateway, when it is ready.
    #[track_caller]
    pub fn admin(&self) -> SocketAddr {
        self.address("admin")
    }

    /// From `public=127.0.0.1:4711` or `"public":"127.0.0.1:4711"`.
    #[track_caller]
    fn address(&self, name: &str) -> SocketAddr {
        let log = self.wait_for_log("gancho is ready");
        let ready = log.lines().find(|line| line.contains("gancho is ready")).expect("waited for");
        let (_, after) = ready.split_once(name).unwrap_or_else(|| panic!("no {name} in {ready}"));
        let digits = after.trim_start_matches(['=', '"', ':']);
        let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(digits.len());
        digits[..end].parse().unwrap_or_else(|why| panic!("{why}: {ready}"))
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.pid());
        let sent = Command::new("sh").args(["-c", &kill]).status().expect("sh runs");
        assert!(sent.success(), "{kill}");
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Waits until it ends by itself.
    #[track_caller]
    pub fn end(mut self) -> Ended {
        for tap in [&self.stdout, &self.stderr] {
            if let Err(seen) = tap.wait_until(|seen| seen.over) {
                panic!("it does not end; it printed:\n{seen}\n{}", self.stderr.text());
            }
        }
        let code = self.child.wait().expect("it ends").code();
        Ended { code, stdout: self.stdout.text(), stderr: self.stderr.text() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already, most often.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a pipe has carried so far.
#[derive(Default)]
struct Seen {
    text: String,
    over: bool,
}

#[derive(Default)]
struct Tap {
    seen: Mutex<Seen>,
    more: Condvar,
}

impl Tap {
    fn on(mut pipe: impl Read + Send + 'static) -> Arc<Self> {
        let tap = Arc::new(Self::default());
        let filled = tap.clone();
        std::thread::spawn(move || {
            // As bytes until the end of a line: a chunk may end inside a letter.
            let (mut bytes, mut chunk) = (Vec::new(), [0; 8192]);
            loop {
                let count = pipe.read(&mut chunk).unwrap_or(0);
                bytes.extend_from_slice(&chunk[..count]);
                let whole = if count == 0 { bytes.len() } else { end_of_lines(&bytes) };
                let mut seen = filled.seen.lock().unwrap();
                seen.text.push_str(&String::from_utf8_lossy(&bytes[..whole]));
                seen.over = count == 0;
                bytes.drain(..whole);
                filled.more.notify_all();
                if seen.over {
                    return;
                }
            }
        });
        tap
    }

    /// The text once `enough` holds. Err: the text when patience or the pipe ended.
    fn wait_until(&self, enough: impl Fn(&Seen) -> bool) -> Result<String, String> {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.seen.lock().unwrap();
        while !enough(&seen) {
            let left = deadline.saturating_duration_since(Instant::now());
            if seen.over || left.is_zero() {
                return Err(seen.text.clone());
            }
            seen = self.more.wait_timeout(seen, left).unwrap().0;
        }
        Ok(seen.text.clone())
    }

    fn text(&self) -> String {
        self.seen.lock().unwrap().text.clone()
    }
}

fn end_of_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}
