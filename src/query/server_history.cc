// SPDX-License-Identifier: Apache-2.0
#include "query/server_history.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace atlas::query {
namespace {

std::string_view take_word(std::string_view& line) {
    constexpr std::string_view kBlank = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(kBlank));
    line.remove_prefix(word.size());
    return word;
}

}  // namespace

ServerHistory::ServerHistory(std::string system_id, std::int64_t timeline, std::vector<Ended> ended)
    : system_id_(std::move(system_id)),
      system_(hash_of_system(system_id_)),
      timeline_(timeline),
      ended_(std::move(ended)) {
}

TokenVerdict ServerHistory::judge(const ConsistencyToken& token, Lsn flushed) const {
    if (token.system != system_) return TokenVerdict::other_system;
    const auto& [timeline, lsn] = token.position;
    if (timeline > timeline_) return TokenVerdict::unknown_timeline;
    if (timeline == timeline_) {
        return lsn <= flushed ? TokenVerdict::good : TokenVerdict::beyond_log;
    }
    const auto found = std::ranges::find(ended_, timeline, &Ended::timeline);
    return found != ended_.end() && lsn <= found->at ? TokenVerdict::good : TokenVerdict::lost;
}

Answer<ConsistencyToken> read_token(std::string_view text, const ServerHistory& server) {
    if (const auto lsn = parse_lsn(text)) {
        return ConsistencyToken{.system = server.system(),
                                .position = {.timeline = server.timeline(), .lsn = *lsn}};
    }
    if (const auto token = decode_consistency_token(text)) return *token;
    return failure(invalid_consistency_token(
        "The consistency token does not parse: send it exactly as a response returned it, or omit "
        "it."));
}

Answer<void> refuse_unless_good(TokenVerdict verdict) {
    switch (verdict) {
        case TokenVerdict::good: return {};
        case TokenVerdict::other_system:
            return failure(invalid_consistency_token(
                "The consistency token comes from another database server; omit it here."));
        case TokenVerdict::unknown_timeline:
        case TokenVerdict::beyond_log:
            return failure(invalid_consistency_token(
                "The consistency token names a commit that this database server does not have: it "
                "may have been restored from a backup. Omit the token."));
        case TokenVerdict::lost: break;
    }
    return failure(Error{
        .code = ErrorCode::token_from_lost_timeline,
        .detail = "A failover of the database server lost the commit that the consistency token "
                  "names, or it cannot be proved that it did not. Omit the token, and repeat what "
                  "was written with it if it is missing.",
        .parameter = "consistency_token"});
}

std::vector<ServerHistory::Ended> parse_timeline_history(std::string_view text) {
    std::vector<ServerHistory::Ended> ended;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::string_view number = take_word(line);
        const auto at = parse_lsn(take_word(line));
        std::int64_t timeline = 0;
        const char* end = number.data() + number.size();
        const auto [stop, error] = std::from_chars(number.data(), end, timeline);
        if (error == std::errc{} && stop == end && at) {
            ended.push_back({.timeline = timeline, .at = *at});
        }
    }
    return ended;
}

}  // namespace atlas::query
