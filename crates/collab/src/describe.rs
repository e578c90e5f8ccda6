//! What the metrics of the engine mean.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Tells the installed recorder what each metric is, so that `/metrics` explains itself.
pub fn describe_metrics() {
    describe_gauge!("canopy_open_sockets", "WebSockets open on this node");
    describe_gauge!("canopy_rooms", "Documents open on this node");
    describe_histogram!(
        "canopy_room_load_seconds",
        Unit::Seconds,
        "Opening a document from the store"
    );
    describe_histogram!(
        "canopy_commit_seconds",
        Unit::Seconds,
        "One group commit of the log"
    );
    describe_histogram!("canopy_commit_updates", "Updates in one group commit");
    describe_counter!("canopy_updates_committed_total", "Updates committed");
    describe_counter!(
        "canopy_commit_failures_total",
        "Group commits that failed; the documents concerned were closed"
    );
    describe_histogram!(
        "canopy_acknowledge_seconds",
        Unit::Seconds,
        "From an update's arrival to its acknowledgement"
    );
    describe_gauge!(
        "canopy_unacknowledged_age_seconds",
        Unit::Seconds,
        "Age of the oldest update that waits for its commit"
    );
    describe_counter!(
        "canopy_deliveries_total",
        "Update frames queued for sockets"
    );
    describe_counter!("canopy_frames_received_total", "Frames received");
    describe_counter!(
        "canopy_gaps_total",
        "Updates that needed something the server didn't have"
    );
    describe_counter!(
        "canopy_refused_updates_total",
        "Frames and updates refused, by reason"
    );
    describe_counter!(
        "canopy_refusals_total",
        "Documents and sockets ended by the server, by reason"
    );
    describe_counter!(
        "canopy_slow_sockets_closed_total",
        "Sockets closed because their reader was too slow"
    );
    describe_histogram!(
        "canopy_projection_seconds",
        Unit::Seconds,
        "Projecting a document into rows"
    );
    describe_gauge!(
        "canopy_projection_waiting",
        "Documents whose rows are behind"
    );
    describe_counter!(
        "canopy_projection_failures_total",
        "Projections that failed"
    );
    describe_counter!(
        "canopy_projection_problems_total",
        "Parts of documents that could not be read"
    );
}
