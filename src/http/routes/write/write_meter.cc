// SPDX-License-Identifier: Apache-2.0
#include "http/routes/write/write_meter.h"

namespace atlas::http {

WriteMeter::Counters::Counters(observe::Registry& registry, const char* protocol)
    : accepted(registry, "atlas_write_accepted_points_total", "Data points that were committed.",
               {{"protocol", protocol}}),
      rejected(registry, "atlas_write_rejected_points_total", "Data points that were refused.",
               {{"protocol", protocol}}),
      overwritten(registry, "atlas_write_overwritten_points_total",
                  "Accepted data points that a later item of their request replaced.",
                  {{"protocol", protocol}}),
      busy(registry, "atlas_write_busy_total", "Write requests turned away by a full queue.",
           {{"protocol", protocol}}),
      unavailable(registry, "atlas_write_unavailable_total",
                  "Write requests whose outcome was not known in time.", {{"protocol", protocol}}) {
}

WriteMeter::WriteMeter(observe::Registry& registry)
    : json_(registry, "json"), line_(registry, "line") {
}

void WriteMeter::record(Protocol protocol, const ingest::WriteOutcome& outcome) {
    Counters& counters = of(protocol);
    counters.rejected.add(outcome.rejected);
    switch (outcome.status) {
        case ingest::WriteStatus::done:
            counters.accepted.add(outcome.accepted);
            counters.overwritten.add(outcome.overwritten);
            rate_.add(outcome.accepted);
            break;
        case ingest::WriteStatus::busy: counters.busy.add(); break;
        case ingest::WriteStatus::unavailable: counters.unavailable.add(); break;
        case ingest::WriteStatus::unreadable:
        case ingest::WriteStatus::refused:
        case ingest::WriteStatus::tenant_inactive: break;
    }
}

std::uint64_t WriteMeter::accepted_points() const {
    return json_.accepted.value() + line_.accepted.value();
}

}  // namespace atlas::http
