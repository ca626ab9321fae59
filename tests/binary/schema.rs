//! `gancho schema`: what it prints is JSON, whole, and nothing else.

use crate::running::run;
use crate::site::Site;

#[test]
fn each_kind_of_file_has_its_schema() {
    let site = Site::empty();
    for (kind, title) in
        [("mapping", "a mapping"), ("config", "the configuration"), ("provider", "a provider's file")]
    {
        let ended = run(&mut site.gancho(&["schema", kind])).exits(0);
        let schema: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(schema["title"], title);
        assert_eq!(ended.stderr, "");
    }
    let ended = run(&mut site.gancho(&["schema", "mappings"])).exits(2);
    assert!(ended.stderr.contains("mapping, config, provider"), "{}", ended.stderr);
}
