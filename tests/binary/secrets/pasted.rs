//! Secrets where they do not belong, or that cannot be used: who refuses them
//! says where they are, and not what they are.

use super::{PASTED, SOURCES, assert_hidden, site};
use crate::running::run;
use crate::site::Site;

/// Pasted in a configuration, in every style of YAML, also one that is none.
#[test]
fn a_pasted_secret_is_not_shown_by_who_refuses_it() {
    let (at, plain) = (PASTED[0], PASTED[1]);
    for connection in [
        format!("\n    token: {plain}"),
        format!("\n    tokne: {plain}"),
        format!("\n    token: {at}"),
        format!("\n    token: \"{plain}"),
        format!("\n    token: *{plain}"),
        format!("\n    token: &{plain} x"),
        format!("\n    token: !{plain} x"),
        format!("\n    token: [{plain}, {plain}]"),
        format!("\n    token: env:{plain}"),
        format!(" {{ tenant_id: a b, chanel: x, token: {plain} }}"),
    ] {
        let site = site("https://t.example");
        site.write("gancho.yaml", &format!("connections:\n  boa:{connection}\n"));
        for command in ["serve", "check"] {
            let ended = run(&mut site.gancho(&[command])).exits(2);
            assert_hidden(command, &ended.all());
            assert!(ended.all().contains("--> gancho.yaml:"), "{}", ended.all());
        }
    }
}

#[test]
fn unset_and_unusable_secrets_are_named_and_not_shown() {
    let mut site = site("https://t.example");
    site.unset("SECRET_corpo");
    // No colon in what HTTP Basic takes; a slash in what becomes an address.
    site.set("SECRET_basico", PASTED[1]).set("SECRET_endereco", PASTED[2]);
    let ended = run(&mut site.gancho(&["serve"])).exits(2);
    for said in
        ["`SECRET_corpo` is not set", "`env:SECRET_basico` cannot be used", "`env:SECRET_endereco` cannot"]
    {
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    assert_hidden("the output of serve", &ended.all());
    site.write("body.json", "{\"id\": \"1\"}");
    let header = format!("X-Token: Bearer {}", SOURCES[1].2);
    for arguments in [&["check"][..], &["try", "cabecalho", "body.json", "-H", &header]] {
        assert_hidden(arguments[0], &run(&mut site.gancho(arguments)).all());
    }
}

/// The demo makes its secrets up: 32 letters and digits, as nothing else is.
#[test]
fn the_demo_shows_none_of_its_own() {
    let mut site = Site::empty();
    site.set("GANCHO_LOG", "trace");
    let ended = run(&mut site.gancho(&["demo", "--once"])).exits(0);
    let all = ended.all();
    let words = all.split(|c: char| !c.is_ascii_alphanumeric());
    assert_eq!(words.filter(|word| word.len() == 32).collect::<Vec<_>>(), [""; 0]);
}
