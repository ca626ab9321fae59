//! The shipped example mappings and their samples, compiled in, so that the demo
//! needs no files.

use std::io;
use std::path::Path;

macro_rules! shipped {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../../mappings/", $path)))),+]
    };
}

/// Everything in `mappings/`. A test keeps the list equal to the folder.
const SHIPPED: &[(&str, &str)] = shipped![
    "assinaturas.yaml",
    "cursos-hotmart.yaml",
    "erp.yaml",
    "ifood.yaml",
    "loja-shopify.yaml",
    "loja-woocommerce.yaml",
    "samples/erp/saiu-para-entrega.json",
    "samples/hotmart/purchase-approved.json",
    "samples/ifood/dispatched.json",
    "samples/ifood/keepalive.json",
    "samples/shopify/orders-paid.json",
    "samples/standard-webhooks/invoice-paid.json",
    "samples/standard-webhooks/subscription-past-due.json",
    "samples/woocommerce/order-updated.json",
];

pub fn read(path: &str) -> &'static str {
    SHIPPED.iter().find(|(name, _)| *name == path).map_or("", |(_, text)| text)
}

/// Writes them all below `folder`.
pub fn write_all(folder: &Path) -> io::Result<()> {
    for (path, text) in SHIPPED {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(file, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_file_is_compiled_in() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/mappings");
        let mut found = Vec::new();
        let mut folders = vec![std::path::PathBuf::from(root)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()),
                }
            }
        }
        found.sort();
        let listed: Vec<&str> = SHIPPED.iter().map(|(path, _)| *path).collect();
        assert_eq!(found, listed);
    }
}
