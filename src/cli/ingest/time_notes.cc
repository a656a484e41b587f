// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/time_notes.h"

#include <fmt/format.h>

#include "cli/present.h"

namespace atlas::cli {

std::string summary(const TimeNotes& notes, const TimeOptions& options, const std::string& file) {
    const auto thousands = [](std::uint64_t n) { return with_thousands(std::to_string(n)); };
    std::string out;
    if (notes.repeated > 0) {
        out += fmt::format("{}: {} times lie in an hour that the clocks repeat, and were ", file,
                           thousands(notes.repeated));
        if (options.repeated == Repeated::reject) {
            out += "rejected; --ambiguous earlier or later takes them\n";
        } else {
            out += fmt::format(
                "taken as the {} one; {} of them repeat a time of their entity, where the values "
                "of "
                "the last record count\n",
                options.repeated == Repeated::earlier ? "earlier" : "later",
                thousands(notes.collided));
        }
    }
    if (notes.missing > 0) {
        out += fmt::format("{}: {} times lie in an hour that the clocks leave out, and were {}\n",
                           file, thousands(notes.missing),
                           options.missing == Missing::shift
                               ? "shifted past it"
                               : "rejected; --nonexistent shift takes them");
    }
    return out;
}

}  // namespace atlas::cli
