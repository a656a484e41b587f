// SPDX-License-Identifier: Apache-2.0
#include "stream/slot_state.h"

#include <fmt/format.h>

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

std::optional<Error> refusal(const pg::ServerIdentity& server, const std::optional<SlotState>& slot,
                             const Checkpoint& checkpoint) {
    const auto& [timeline, lsn] = checkpoint.position;
    if (checkpoint.system_id != server.system_id) {
        return gap(fmt::format("its data is of database system {}, this server is {}",
                               checkpoint.system_id, server.system_id));
    }
    if (timeline != server.timeline) {
        return gap(fmt::format("its data is of timeline {}, this server is on timeline {}",
                               timeline, server.timeline));
    }
    if (lsn > server.flushed) {
        return gap(
            fmt::format("its data reaches to {}, beyond the server's own log, which ends at "
                        "{}: the server was restored from an older copy",
                        to_string(lsn), to_string(server.flushed)));
    }
    if (!slot) return gap("its replication slot was dropped");
    if (slot->lost) {
        return gap("the server has deleted log that its replication slot still needed");
    }
    if (slot->confirmed > lsn) {
        return gap(
            fmt::format("its data reaches to {}, its replication slot begins at {}: the slot "
                        "was made again, or something else reads it",
                        to_string(lsn), to_string(slot->confirmed)));
    }
    return std::nullopt;
}

}  // namespace atlas::stream
