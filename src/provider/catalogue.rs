//! The providers that mappings can name: those compiled in, and those of the
//! operator's own folder, which may add to them or replace them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Provider, read_provider};
use crate::diagnostic::{Problems, SourceText};

macro_rules! embedded {
    ($($id:literal),+ $(,)?) => {
        &[$(($id, include_str!(concat!("../../providers/", $id, ".yaml")))),+]
    };
}

/// `providers/*.yaml`, as they were when this was compiled. A test keeps the
/// list equal to the folder.
const EMBEDDED: &[(&str, &str)] =
    embedded!["hotmart", "ifood", "shopify", "standard-webhooks", "woocommerce"];

#[derive(Debug, Clone, Default)]
pub struct Catalogue(BTreeMap<String, Provider>);

impl Catalogue {
    /// The providers compiled in.
    pub fn embedded(problems: &mut Problems) -> Self {
        let mut catalogue = Self::default();
        for (id, text) in EMBEDDED {
            catalogue.add(id, &SourceText::new(format!("providers/{id}.yaml"), *text), problems);
        }
        catalogue
    }

    /// Adds or replaces one.
    pub fn add(&mut self, id: &str, file: &Arc<SourceText>, problems: &mut Problems) {
        if let Some(provider) = read_provider(id, file, problems) {
            self.0.insert(id.to_owned(), provider);
        }
    }

    pub fn get(&self, id: &str) -> Option<&Provider> {
        self.0.get(id)
    }

    pub fn ids(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Expected;

    #[test]
    fn every_file_of_the_folder_is_compiled_in() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/providers");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let embedded: Vec<String> = EMBEDDED.iter().map(|(id, _)| format!("{id}.yaml")).collect();
        assert_eq!(files, embedded);
    }

    #[test]
    fn every_provider_passes_its_examples() {
        let mut problems = Problems::default();
        let catalogue = Catalogue::embedded(&mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(catalogue.iter().count(), EMBEDDED.len());
        let source = "example".parse().unwrap();
        for provider in catalogue.iter() {
            for (n, example) in provider.examples.iter().enumerate() {
                assert_eq!(
                    example.run(&provider.verify, &source),
                    example.expect,
                    "{} example {n}",
                    provider.id
                );
            }
            let accepted = provider.examples.iter().any(|e| e.expect == Expected::Accepted);
            let refused = provider.examples.iter().any(|e| e.expect != Expected::Accepted);
            assert!(accepted && refused, "{} needs an accepted and a tampered example", provider.id);
        }
    }
}
