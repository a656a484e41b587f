// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/countdown.h"

#include <algorithm>
#include <utility>

namespace atlas::ingest {

int severity(WriteStatus status) {
    switch (status) {
        case WriteStatus::done: return 0;
        case WriteStatus::unreadable: return 1;  // nothing stored, whenever it is sent
        case WriteStatus::refused: return 2;
        case WriteStatus::tenant_inactive: return 3;  // nothing stored; later it may be
        case WriteStatus::tenant_unknown: return 4;
        case WriteStatus::busy: return 5;
        case WriteStatus::unavailable: break;  // not known whether anything is stored
    }
    return 6;
}

void Countdown::set_parts(int parts) {
    const std::lock_guard lock(mutex_);
    parts_ = parts;
}

void Countdown::add_part() {
    const std::lock_guard lock(mutex_);
    ++parts_;
}

std::optional<RequestEnd> Countdown::part_committed(LogPosition token) {
    const std::lock_guard lock(mutex_);
    committed_ = true;
    end_.token = std::max(end_.token, token);
    return end_part();
}

std::optional<RequestEnd> Countdown::part_ended(WriteStatus status, std::string detail) {
    const std::lock_guard lock(mutex_);
    if (severity(status) > severity(end_.status)) {
        end_.status = status;
        end_.detail = std::move(detail);
    }
    return end_part();
}

std::optional<RequestEnd> Countdown::end_part() {
    if (--parts_ > 0 || std::exchange(closed_, true)) return std::nullopt;
    // A part is stored: "nothing stored" would be false.
    const bool gone =
        end_.status == WriteStatus::tenant_inactive || end_.status == WriteStatus::tenant_unknown;
    if (gone && committed_) {
        end_.detail = end_.status == WriteStatus::tenant_inactive
                          ? "The tenant was disabled while the request was being stored; part of "
                            "it is stored."
                          : "The tenant was renamed while the request was being stored; part of it "
                            "is stored.";
        end_.status = WriteStatus::unavailable;
    }
    return std::move(end_);
}

bool Countdown::close() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(closed_, true);
}

bool Countdown::closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

}  // namespace atlas::ingest
