//! A disk that is full, and has room again.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::accounts::{Accounts, Fate};
use crate::gateway::{Gateway, with_keys};
use crate::load::{Load, ORDERS, Orders};
use crate::report::Outcome;
use crate::site::{PEDIDOS, sandbox};
use crate::upstream::seen;

use super::crash::Wrecks;

/// Set when this process may mount.
const ROOM: &str = "GANCHO_TORTURE_ROOM";

/// Starts this program once more where it may mount a small disk that nobody else
/// sees, if this machine has such a place.
pub fn into_a_room_of_its_own() {
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount"]);
        command
    };
    let quiet = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_there = quiet(unshare().arg("true")).is_ok_and(|status| status.success());
    if std::env::var_os(ROOM).is_none() && is_there {
        let this = std::env::current_exe().expect("this program has a path");
        // It returns only if it could not be done; then it is not done.
        let _ = unshare().arg(this).args(std::env::args_os().skip(1)).env(ROOM, "1").exec();
    }
}

/// Some megabytes, with something on them that can be thrown away.
struct SmallDisk {
    folder: PathBuf,
}

const DISK: &str = "size=16m";
const BALLAST_BYTES: usize = 8 << 20;

impl SmallDisk {
    fn mount(folder: &Path) -> Option<Self> {
        std::env::var_os(ROOM)?;
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(folder).status();
        mounted.is_ok_and(|status| status.success()).then(|| Self { folder: folder.to_owned() })
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // At the latest it goes with this process.
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}

/// A gateway on a small disk; none where there can be no such disk.
fn on_a_small_disk(upstream: &str) -> Option<(Gateway, SmallDisk)> {
    let gateway = Gateway::new(upstream, "");
    let disk = SmallDisk::mount(gateway.site.path())?;
    // The disk has covered what was there. It is to be really full.
    let reserve = "limits: { min_free_disk_bytes: 0 }\n";
    let reserve = if gancho::config::DEFAULT.contains("min_free_disk_bytes") { reserve } else { "" };
    gateway.site.write("gancho.yaml", &(reserve.to_owned() + &with_keys(upstream, "")));
    gateway.site.write("mappings/pedidos.yaml", PEDIDOS);
    std::fs::write(disk.ballast(), vec![0; BALLAST_BYTES]).expect("there is room for it");
    Some((gateway, disk))
}

fn skipped() -> Outcome {
    Outcome::Skipped("no private mounts here (`unshare --user --map-root-user --mount`)".into())
}

/// Their bodies are large, so that it is soon full.
const LARGE: Orders = Orders { padding: 16 << 10, ..ORDERS };
const POSTED: usize = 400;

/// Posts until it has been full for a while. How many were taken in by then.
async fn fill(load: &mut Load) -> usize {
    load.allow(POSTED);
    load.wait_for_put_off(200).await;
    let taken = load.acknowledged();
    assert!(taken > 0 && load.ahead() > 100, "it filled up in the midst of them: {taken}");
    taken
}

/// Promises 1 and 2: what cannot be written gets a 503, what got its 2xx is there,
/// and when there is room again it goes on by itself.
pub async fn full() -> Outcome {
    let upstream = sandbox();
    let Some((mut gateway, disk)) = on_a_small_disk(&upstream.url()) else { return skipped() };
    let mut load = Load::on(gateway.start(), LARGE);
    let taken = fill(&mut load).await;
    std::fs::remove_file(disk.ballast()).expect("it can be thrown away");
    load.all().await;
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    accounts.assert_all(Fate::Delivered);
    Outcome::Played(accounts.row().note(format!("full after {taken} orders")))
}

/// Promises 1, 2 and 4: killed while the disk is full. It may not start on a disk
/// that it cannot write to; with room it does, and goes on from what was taken in.
pub async fn full_and_killed() -> Outcome {
    let upstream = sandbox();
    upstream.set_fault("delay_ms=20".parse().unwrap());
    let Some((mut gateway, disk)) = on_a_small_disk(&upstream.url()) else { return skipped() };
    let mut load = Load::on(gateway.start(), LARGE);
    let taken = fill(&mut load).await;
    let mut wrecks = Wrecks::default();
    wrecks.add(gateway.kill());
    wrecks.add(gateway.start_and_kill(Duration::from_millis(500)).await);
    std::fs::remove_file(disk.ballast()).expect("it can be thrown away");
    load.moved(gateway.start());
    load.all().await;
    let ledger = load.finish().await;
    gateway.at_rest().await;
    gateway.stop();

    let accounts = Accounts::close(&ledger, &gateway.site.events().await, seen(&upstream));
    wrecks.assert_held(&accounts);
    assert_eq!(accounts.of(Fate::Delivered).count() + accounts.of(Fate::Held).count(), ledger.len());
    Outcome::Played(accounts.row().note(format!("full after {taken} orders; {}", wrecks.told())))
}
