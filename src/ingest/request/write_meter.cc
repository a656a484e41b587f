// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/write_meter.h"

namespace atlas::ingest {

WriteMeter::Counters::Counters(observe::Registry& registry, const char* protocol)
    : accepted(registry, "atlas_write_accepted_points_total", "Data points committed.",
               {{"protocol", protocol}}),
      rejected(registry, "atlas_write_rejected_points_total", "Data points rejected.",
               {{"protocol", protocol}}),
      overwritten(registry, "atlas_write_overwritten_points_total",
                  "Accepted data points that a later item of their request replaced.",
                  {{"protocol", protocol}}),
      busy(registry, "atlas_write_busy_total",
           "Write requests rejected because the queue was full.", {{"protocol", protocol}}),
      unavailable(registry, "atlas_write_unavailable_total",
                  "Write requests whose outcome was not known in time.", {{"protocol", protocol}}) {
}

WriteMeter::WriteMeter(observe::Registry& registry)
    : json_(registry, "json"), line_(registry, "line") {
}

void WriteMeter::record(Format format, const WriteOutcome& outcome) {
    Counters& counters = of(format);
    counters.rejected.add(outcome.rejected);
    switch (outcome.status) {
        case WriteStatus::done:
            counters.accepted.add(outcome.accepted);
            counters.overwritten.add(outcome.overwritten);
            rate_.add(outcome.accepted);
            break;
        case WriteStatus::busy: counters.busy.add(); break;
        case WriteStatus::unavailable: counters.unavailable.add(); break;
        case WriteStatus::unreadable:
        case WriteStatus::refused:
        case WriteStatus::tenant_inactive:
        case WriteStatus::tenant_unknown: break;
    }
}

std::uint64_t WriteMeter::accepted_points() const {
    return json_.accepted.value() + line_.accepted.value();
}

}  // namespace atlas::ingest
