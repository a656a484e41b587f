// SPDX-License-Identifier: Apache-2.0
#include "stream/slot_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "assets/sql.h"

namespace atlas::stream {
namespace {

Error gap(std::string message) {
    return {.remedy = Error::Remedy::rebuild, .message = std::move(message)};
}

}  // namespace

pg::Expected<std::optional<SlotState>> find_slot(pg::Connection& connection,
                                                 std::string_view name) {
    const auto rows = connection.exec(sql::text("queries/stream/slot.sql"), pg::Params().add(name));
    if (!rows) return failure(rows.error());
    if (rows->empty()) return std::nullopt;
    SlotState slot;
    slot.confirmed = parse_lsn(rows->text(0, 0)).value_or(Lsn{});
    slot.lost = rows->boolean(0, 1);
    slot.ours = rows->boolean(0, 2);
    if (!rows->is_null(0, 3)) slot.active_pid = static_cast<std::int32_t>(rows->int8(0, 3));
    if (!rows->is_null(0, 4)) slot.retained_bytes = static_cast<std::uint64_t>(rows->int8(0, 4));
    return slot;
}

pg::Expected<query::ServerHistory> history_of(pg::ReplicationSession& session,
                                              const pg::ServerIdentity& server) {
    std::vector<query::ServerHistory::Ended> ended;
    if (server.timeline > 1) {
        const auto text = session.timeline_history(server.timeline);
        if (!text) return failure(text.error());
        ended = query::parse_timeline_history(*text);
    }
    return query::ServerHistory(server.system_id, server.timeline, std::move(ended));
}

std::optional<Error> refusal(const query::ServerHistory& server, Lsn flushed,
                             const std::optional<SlotState>& slot, const Checkpoint& checkpoint) {
    const auto& [timeline, lsn] = checkpoint.position;
    if (checkpoint.system_id != server.system_id()) {
        return gap(fmt::format("its data is of database system {}, this server is {}",
                               checkpoint.system_id, server.system_id()));
    }
    const bool promoted = timeline != server.timeline();
    const auto gap_here = [&](std::string message) {
        Error error = gap(std::move(message));
        error.comparable = promoted;
        return error;
    };
    if (!promoted && lsn > flushed) {
        return gap(
            fmt::format("its data reaches to {}, beyond the server's own log, which ends at "
                        "{}: the server was restored from an older copy",
                        to_string(lsn), to_string(flushed)));
    }
    const Position reach = std::max(checkpoint.position, checkpoint.reach);
    const auto verdict = server.judge({.system = server.system(), .position = reach}, flushed);
    if (promoted && verdict != query::TokenVerdict::good) {
        return gap_here(
            fmt::format("its data reaches to {} of timeline {}, which is no part of this server's "
                        "timeline {}: a promotion lost it",
                        to_string(reach.lsn), timeline, server.timeline()));
    }
    if (!slot) return gap_here("its replication slot was dropped");
    if (slot->lost) {
        return gap_here("the server has deleted log that its replication slot still needed");
    }
    if (slot->confirmed > lsn) {
        return gap_here(
            fmt::format("its data reaches to {}, its replication slot begins at {}: the slot "
                        "was made again, or something else reads it",
                        to_string(lsn), to_string(slot->confirmed)));
    }
    return std::nullopt;
}

}  // namespace atlas::stream
