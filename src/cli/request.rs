//! What `verify`, `sign` and `send` have in common: a request as a person
//! describes it, and the scheme and secrets of a provider or of a mapping.

use std::io::Read;
use std::path::PathBuf;

use super::check::find_config;
use super::try_event::parse_header;
use crate::app::{load, of_this_machine, system_clock};
use crate::config::{Config, connections_of};
use crate::diagnostic::{Language, Palette, Problems, nearest, render};
use crate::event::{Headers, RawWebhook, Secret, SecretRef, SourceName, Timestamp};
use crate::mapping::{Mapping, ParamValue};
use crate::payload::DocumentRule;
use crate::provider::Catalogue;
use crate::verify::{Params, Scheme, Setting};

#[derive(clap::Args)]
pub struct Described {
    /// A provider, or a mapping of the folder
    pub sender: String,
    /// A file with the body, byte for byte; - reads the standard input
    pub body_file: String,
    /// The secret: env:NAME, file:PATH, or itself; may be repeated
    #[arg(long = "secret", value_name = "SECRET")]
    pub secrets: Vec<String>,
    /// A parameter of the sender, which `gancho providers` names
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_param)]
    pub params: Vec<(String, String)>,
    /// A request header; may be given more than once
    #[arg(short = 'H', value_name = "'Name: value'", value_parser = parse_header)]
    pub headers: Vec<(String, String)>,
    /// The method of the request
    #[arg(long, default_value = "POST")]
    pub method: String,
    /// The whole address, as the sender calls it
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// When: 2026-03-02T12:00:00Z, or seconds since 1970 [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    pub at: Option<Timestamp>,
    /// The configuration that names mappings and providers
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

fn parse_param(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a parameter is written as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn parse_moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(secs) = text.parse::<i64>() {
        // Thirteen digits are milliseconds until the year 5138.
        return Ok(if secs.abs() > 99_999_999_999 {
            Timestamp::from_millis(secs)
        } else {
            Timestamp::from_secs(secs)
        });
    }
    let moment: jiff::Timestamp =
        text.parse().map_err(|_| "write it as 2026-03-02T12:00:00Z, or as seconds since 1970".to_owned())?;
    Ok(Timestamp::from_millis(moment.as_millisecond()))
}

/// Everything resolved.
pub struct Asked {
    pub scheme: Scheme,
    pub secrets: Vec<Secret>,
    pub setting: Setting,
    pub raw: RawWebhook,
    pub now: Timestamp,
    pub catalogue: Catalogue,
    pub config: Option<Config>,
}

/// The scheme of a provider or of a mapping, and what the mapping gives.
struct Sender {
    scheme: Scheme,
    document: DocumentRule,
    secrets: Vec<SecretRef>,
    params: Vec<(String, ParamValue)>,
}

impl Described {
    /// None: something is not there or not readable, and was said.
    pub fn resolve(&self) -> Option<Asked> {
        let mut problems = Problems::default();
        let config = find_config(self.config.clone(), &mut problems);
        let catalogue = load::catalogue(
            config.as_ref().ok().and_then(|c| c.as_ref()).and_then(|c| c.providers.as_deref()),
            &mut problems,
        );
        let Ok(config) = config else {
            tell(problems);
            return None;
        };
        let sender = self.sender(&catalogue, config.as_ref())?;
        let secrets = self.secrets(&sender)?;
        let params = self.params(&sender)?;
        let body = read(&self.body_file)?;
        let (base, path, query) = self.address(config.as_ref());
        let source = self.sender.parse::<SourceName>().map_err(|why| eprintln!("{why}.")).ok()?;
        let now = self.at.unwrap_or_else(|| (system_clock())());
        let raw = RawWebhook {
            source,
            method: self.method.to_ascii_uppercase(),
            path,
            query,
            headers: self.headers.iter().map(|(name, value)| (name, value.clone())).collect::<Headers>(),
            body: body.into(),
            path_secret: None,
            received_at: now,
        };
        let setting = Setting { public_url: base, params, document: sender.document, ..Setting::default() };
        let raw = with_path_secret(&sender.scheme, raw);
        Some(Asked { scheme: sender.scheme, secrets, setting, raw, now, catalogue, config })
    }

    fn sender(&self, catalogue: &Catalogue, config: Option<&Config>) -> Option<Sender> {
        if let Some(provider) = catalogue.get(&self.sender) {
            return Some(Sender {
                scheme: provider.verify.clone(),
                document: provider.document.clone(),
                secrets: Vec::new(),
                params: Vec::new(),
            });
        }
        let folder = config.map_or_else(|| PathBuf::from("mappings"), |config| config.mappings.clone());
        let file = folder.join(format!("{}.yaml", self.sender));
        if !file.is_file() {
            eprintln!("There is no provider `{}`, and no mapping `{}`.", self.sender, file.display());
            match nearest(&self.sender, catalogue.ids()) {
                Some(near) => eprintln!("Did you mean `{near}`?"),
                None => eprintln!("`gancho providers` lists the providers."),
            }
            return None;
        }
        let mut problems = Problems::default();
        let connections = config.map(|config| connections_of(&config.connections));
        let Some(mapping) = load::mapping(&file, catalogue, connections.as_ref(), &mut problems) else {
            tell(problems);
            return None;
        };
        Some(of_mapping(mapping))
    }

    fn secrets(&self, sender: &Sender) -> Option<Vec<Secret>> {
        let machine = of_this_machine();
        let said: Option<Vec<Secret>> = self.secrets.iter().map(|text| secret(text)).collect();
        let mut secrets = said?;
        if self.secrets.is_empty() {
            for reference in &sender.secrets {
                match machine(reference) {
                    Ok(secret) => secrets.push(secret),
                    Err(why) => eprintln!("Left out: {}.", why.english()),
                }
            }
        }
        if secrets.is_empty() {
            eprintln!("There is no secret. Name one: --secret env:NAME, --secret file:PATH, or itself.");
            return None;
        }
        Some(secrets)
    }

    fn params(&self, sender: &Sender) -> Option<Params> {
        let machine = of_this_machine();
        let mut params: Vec<(String, Secret)> = Vec::new();
        for (name, value) in &sender.params {
            match value {
                ParamValue::Text(text) => params.push((name.clone(), Secret::new(text.as_str()))),
                ParamValue::Secret(reference) => match machine(reference) {
                    Ok(secret) => params.push((name.clone(), secret)),
                    Err(why) => eprintln!("Left out: {}.", why.english()),
                },
            }
        }
        for (name, value) in &self.params {
            params.push((name.clone(), secret(value)?));
        }
        let missing =
            sender.scheme.params().into_iter().find(|wanted| !params.iter().any(|(name, _)| name == wanted));
        if let Some(name) = missing {
            eprintln!("This sender needs the parameter `{name}`: --param {name}=VALUE.");
            return None;
        }
        Some(params.into_iter().collect())
    }

    /// The public address, the path and the query.
    fn address(&self, config: Option<&Config>) -> (Option<String>, String, String) {
        let Some(url) = &self.url else {
            let base = config.and_then(|config| config.public_url.clone());
            return (base, format!("/hooks/{}", self.sender), String::new());
        };
        let start = url.find("://").map_or(0, |at| at + 3);
        let end = url[start..].find(['/', '?']).map_or(url.len(), |at| at + start);
        let (path, query) = url[end..].split_once('?').unwrap_or((&url[end..], ""));
        (Some(url[..end].to_owned()), path.to_owned(), query.to_owned())
    }
}

fn of_mapping(mapping: Mapping) -> Sender {
    let secrets = mapping.secrets.into_iter().map(|entry| entry.reference);
    Sender {
        scheme: mapping.verify,
        document: mapping.document,
        secrets: secrets.filter(|reference| *reference != SecretRef::Captured).collect(),
        params: mapping.params.into_iter().map(|param| (param.name, param.value)).collect(),
    }
}

/// The end of an address is the secret where the sender proves nothing else.
fn with_path_secret(scheme: &Scheme, mut raw: RawWebhook) -> RawWebhook {
    if scheme.secret_in_path()
        && let Some((path, last)) = raw.path.rsplit_once('/')
        && path.split('/').count() > 2
    {
        (raw.path_secret, raw.path) = (Some(last.to_owned()), path.to_owned());
    }
    raw
}

/// A reference, or the secret itself.
fn secret(text: &str) -> Option<Secret> {
    match text.parse::<SecretRef>() {
        Ok(SecretRef::Captured) | Err(_) => Some(Secret::new(text)),
        Ok(reference) => (of_this_machine())(&reference).map_err(|why| eprintln!("{}.", why.english())).ok(),
    }
}

/// A file, or the standard input where it is called `-`.
pub fn read(file: &str) -> Option<Vec<u8>> {
    let read = match file {
        "-" => {
            let mut body = Vec::new();
            std::io::stdin().read_to_end(&mut body).map(|_| body)
        }
        file => std::fs::read(file),
    };
    read.map_err(|why| eprintln!("The body `{file}` cannot be read: {why}")).ok()
}

fn tell(problems: Problems) {
    eprint!("{}", render(&problems.sorted(), Palette::Plain, Language::English));
}
