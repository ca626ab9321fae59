//! Being told to stop: once, and it is done in order; twice, and at once.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Watches from the moment it is called, within a runtime, and resolves at the
/// first SIGINT or SIGTERM. A second one ends the process where it is: whatever
/// is in flight is then recovered as unknown.
pub fn until_told_to_stop() -> impl Future<Output = ()> {
    let watched = signal(SignalKind::interrupt()).and_then(|i| Ok((i, signal(SignalKind::terminate())?)));
    async {
        let Ok((mut interrupt, mut terminate)) = watched else {
            tracing::error!("signals cannot be watched; stop this process by force");
            return std::future::pending().await;
        };
        either(&mut interrupt, &mut terminate).await;
        // The same two: new ones would miss a signal that comes before they are set up.
        tokio::spawn(async move {
            either(&mut interrupt, &mut terminate).await;
            std::process::exit(130);
        });
    }
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
