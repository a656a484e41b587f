// SPDX-License-Identifier: Apache-2.0
//
// Times by a pattern such as "%d.%m.%Y %H:%M:%S", as strftime writes them. Every conversion counts:
// a pattern that does not say date and time in full, or says a part of it twice, is refused when it
// is compiled, and a text that contradicts itself or the calendar when it is read.
//
// | %Y %y %m %d %e %j %b %B %h | date | %a %A | weekday, has to agree |
// | %H %k %I %l %p %M %S %f | time of day; %f is a fraction of a second, 1 to 9 digits |
// | %z %Z | offset, name of the zone | %s | seconds since 1970, in UTC |
// | %F %T %R %D | %Y-%m-%d %H:%M:%S %H:%M %m/%d/%y | %% %n %t | percent sign, blanks |
//
// Threading  immutable; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/ingest/written_time.h"

namespace atlas::cli {

class TimePattern {
public:
    // Throws CommandError with exit code 2, which names the conversion or what is missing.
    explicit TimePattern(std::string pattern);

    // nullopt, with the reason in `why`, for a text that is not of the pattern.
    std::optional<WrittenTime> read(std::string_view text, std::string& why) const;

private:
    void compile(std::string_view pattern);
    void add(char conversion);
    void check_complete() const;
    bool has(char conversion) const { return seen_.find(conversion) != std::string::npos; }

    std::string pattern_;
    std::string steps_;  // one character a step: a conversion, or kLiteral and the next literal
    std::string literals_;
    std::string seen_;  // the conversions, each once
};

}  // namespace atlas::cli
