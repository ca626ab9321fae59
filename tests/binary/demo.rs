//! `gancho demo`, as somebody meets it first: it says what comes of every
//! webhook, fits a terminal, leaves nothing behind, and what it invites to try
//! works as printed.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use crate::running::{Running, run};
use crate::site::{Site, client};

/// The demo, with a temporary folder of its own to be found empty afterwards.
fn demo(site: &Site, arguments: &[&str]) -> Command {
    let temporary = site.path().join("tmp");
    std::fs::create_dir_all(&temporary).unwrap();
    let mut command = site.gancho(&["demo"]);
    command.args(arguments).env("TMPDIR", temporary);
    command
}

#[track_caller]
fn assert_nothing_left(site: &Site) {
    let left: Vec<_> = std::fs::read_dir(site.path().join("tmp")).unwrap().map(Result::unwrap).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn every_scene_is_played_and_ends_as_expected() {
    let site = Site::empty();
    let ended = run(&mut demo(&site, &["--once"])).exits(0);
    let scenes: Vec<(&str, Vec<&str>)> = scenes(&ended.stdout);
    let expected = [
        ("1  Shopify", "outcome   delivered"),
        ("2  WooCommerce", "outcome   delivered"),
        ("3  iFood", "outcome   delivered"),
        ("4  Hotmart", "outcome   delivered"),
        ("5  Standard Webhooks", "outcome   delivered"),
        ("6  An ERP", "outcome   delivered"),
        ("7  Tampered", "answer    401 refused: signature-mismatch"),
        ("8  Repeated", "became    a repeat: acknowledged, kept, and nothing is sent again"),
        ("9  Unmappable", "became    parked: kept until the mapping is mended; nothing was sent"),
        ("10  Unknown", "outcome   held"),
    ];
    assert_eq!(scenes.len(), expected.len(), "{}", ended.stdout);
    for ((title, lines), (expected, outcome)) in scenes.iter().zip(expected) {
        assert!(title.starts_with(expected), "{title} is not {expected}");
        assert!(lines.contains(&outcome), "{title}: {lines:#?}");
    }
    assert!(ended.stdout.ends_with(
        "10 webhooks\n    6 delivered, 1 held, 1 repeated, 1 parked, 1 refused\n    \
         ✓ every outcome was the expected one\n"
    ));
    assert_eq!(ended.stderr, "");
    assert_fits(&ended.stdout);
    assert_nothing_left(&site);
}

/// Each title with the lines below it.
fn scenes(text: &str) -> Vec<(&str, Vec<&str>)> {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.lines().map(str::trim));
    paragraphs
        .filter_map(|mut lines| Some((lines.next()?, lines.collect())))
        .filter(|(title, _): &(&str, _)| {
            title.split_once("  ").is_some_and(|(n, _)| n.parse::<u32>().is_ok())
        })
        .collect()
}

/// 80 columns, and no escape sequences where nobody can see colours.
#[track_caller]
pub fn assert_fits(text: &str) {
    assert!(!text.contains('\x1b'), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
    }
}

/// `gancho demo --once | head -0`
#[test]
fn a_reader_that_goes_away_is_no_failure_and_the_files_go_too() {
    let site = Site::empty();
    let mut child = demo(&site, &["--once"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_nothing_left(&site);
}

#[test]
fn ctrl_c_in_the_middle_removes_the_files_too() {
    let site = Site::empty();
    let demo = Running::start(&mut demo(&site, &["--once"]));
    demo.wait_for_stdout("1  Shopify");
    demo.signal("INT");
    let ended = demo.end().exits(130);
    assert!(!ended.stdout.contains("10 webhooks"), "{}", ended.stdout);
    assert_nothing_left(&site);
}

#[tokio::test]
async fn what_it_invites_to_try_works_as_printed_until_ctrl_c() {
    let site = Site::empty();
    let demo = Running::start(&mut demo(&site, &[]));
    let printed = demo.wait_for_stdout("Ctrl-C ends it");
    let curl = Curl::read(&printed);
    assert_eq!(curl.post(&std::fs::read(&curl.file).unwrap()).await, 200);
    let shown = demo.wait_for_stdout("pedido #2001");
    assert_fits(&shown.replace(&curl.line_of_file, ""));

    let mut changed = std::fs::read(&curl.file).unwrap();
    changed.push(b' ');
    assert_eq!(curl.post(&changed).await, 401, "the file was changed, and the signature was not");

    demo.signal("INT");
    let ended = demo.end().exits(0);
    let visitors: Vec<&str> = ended.stdout.split("loja-shopify: a webhook came").skip(1).collect();
    assert!(matches!(visitors[..], [one] if one.contains("outcome   delivered")), "{visitors:?}");
    assert_nothing_left(&site);
}

/// The command that is printed, taken apart.
struct Curl {
    url: String,
    headers: BTreeMap<String, String>,
    file: String,
    /// The one line whose length depends on where temporary files are.
    line_of_file: String,
}

impl Curl {
    fn read(printed: &str) -> Self {
        let lines = || printed.lines().map(|line| line.trim().trim_end_matches(" \\"));
        let after = |start: &str| lines().find_map(|line| line.strip_prefix(start)).unwrap().to_owned();
        let header = |line: &str| {
            let (name, value) = line.strip_prefix("-H '")?.strip_suffix('\'')?.split_once(": ")?;
            Some((name.to_owned(), value.to_owned()))
        };
        let file = after("--data-binary @");
        let line_of_file = printed.lines().find(|line| line.contains("--data-binary")).unwrap().to_owned();
        Self { url: after("curl -i "), headers: lines().filter_map(header).collect(), file, line_of_file }
    }

    async fn post(&self, body: &[u8]) -> u16 {
        let request = self
            .headers
            .iter()
            .fold(client().post(&self.url), |request, (name, value)| request.header(name, value));
        request.body(body.to_vec()).send().await.unwrap().status().as_u16()
    }
}
