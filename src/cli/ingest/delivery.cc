// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "client/problem.h"

namespace atlas::cli {
namespace {

constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kLongestPause{10000};
constexpr std::chrono::milliseconds kNap{50};

std::string target_of(const IngestOptions& options, FileFormat format) {
    const std::string_view dry = options.dry_run ? "dry_run=true" : "";
    if (!sends_lines(format)) return fmt::format("/v1/telemetry{}{}", dry.empty() ? "" : "?", dry);
    return fmt::format("/api/v2/write?precision={}{}{}",
                       format == FileFormat::annotated ? "ns" : options.precision_word,
                       dry.empty() ? "" : "&", dry);
}

std::uint64_t count_of(const boost::json::value& response, std::string_view name) {
    const auto& value = member(response, name);
    return value.is_int64() ? static_cast<std::uint64_t>(value.get_int64()) : 0;
}

// "partial write: <first reason> dropped=N", and the fields that were kept.
struct Partial {
    std::string reason;
    std::uint64_t dropped = 0;
    std::uint64_t accepted = 0;
};

Partial read_partial(const client::Response& response) {
    Partial partial;
    partial.reason = client::problem_of(response).detail;
    if (partial.reason.starts_with("partial write: ")) partial.reason.erase(0, 15);
    const auto at = partial.reason.rfind(" dropped=");
    if (at == std::string::npos) return partial;
    const std::string number = partial.reason.substr(at + 9);
    std::from_chars(number.data(), number.data() + number.size(), partial.dropped);
    partial.reason.resize(at);
    partial.accepted = count_of(Api::parse(response.body), "accepted");
    return partial;
}

}  // namespace

std::int64_t steady_ms() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

Delivery::Delivery(const IngestOptions& options, FileFormat format, DeliveryState& state,
                   OnReject rejected)
    : options_(options),
      lines_(sends_lines(format)),
      state_(state),
      rejected_(std::move(rejected)),
      client_(client_options(options.server)),
      target_(target_of(options, format)) {
}

std::string_view Delivery::body_of(const Chunk& chunk, Range range) {
    const auto& first = chunk.items[range.first];
    const auto& last = chunk.items[range.first + range.count - 1];
    return std::string_view(chunk.body).substr(first.begin, last.begin + last.length - first.begin);
}

Delivered Delivery::deliver(const Chunk& chunk) {
    Delivered sum;
    if (chunk.items.empty()) return sum;
    const Range all{0, chunk.items.size()};
    if (lines_)
        deliver_lines(chunk, all, sum);
    else
        deliver_json(chunk, all, sum);
    sum.records = chunk.items.size();
    return sum;
}

client::Response Delivery::send(std::string_view body) {
    std::chrono::milliseconds pause = kFirstPause;
    for (;;) {
        if (auto response = attempt(body, pause)) {
            state_.last_success_ms = steady_ms();
            return std::move(*response);
        }
        const auto until = std::chrono::steady_clock::now() + pause;
        while (std::chrono::steady_clock::now() < until) {
            if (state_.stopping) throw CommandError("stopped");
            std::this_thread::sleep_for(kNap);
        }
        pause = std::min(pause * 2, kLongestPause);
    }
}

// A final response, or nullopt to try again after `pause`.
std::optional<client::Response> Delivery::attempt(std::string_view body,
                                                  std::chrono::milliseconds& pause) {
    auto response = client_.send({.method = "POST",
                                  .target = target_,
                                  .body = body,
                                  .content_type = lines_ ? "text/plain" : "application/x-ndjson"});
    if (response && (response->ok() || response->status == 400 || response->status == 422)) {
        return std::move(*response);
    }
    const std::string reason =
        response ? client::problem_of(*response).detail : response.error().detail;
    const bool passing = !response || response->status == 429 || response->status >= 500;
    if (!passing) throw CommandError(reason);
    if (steady_ms() - state_.last_success_ms > options_.patience_seconds * 1000LL) {
        throw CommandError(fmt::format("gave up after {} s without success: {}",
                                       options_.patience_seconds, reason));
    }
    if (response) {
        if (const auto after = response->retry_after()) pause = *after;
    }
    return std::nullopt;
}

void Delivery::halve(const Chunk& chunk, Range range, Delivered& sum) {
    const std::size_t half = range.count / 2;
    const auto part = [&](Range some) {
        if (lines_)
            deliver_lines(chunk, some, sum);
        else
            deliver_json(chunk, some, sum);
    };
    part({range.first, half});
    part({range.first + half, range.count - half});
}

void Delivery::deliver_json(const Chunk& chunk, Range range, Delivered& sum) {
    const auto response = send(body_of(chunk, range));
    const auto body = Api::parse(response.body);
    if (response.status == 400) throw CommandError(client::problem_of(response).detail);
    // More errors than a response lists: send the halves again, to learn each of them.
    if (member(body, "errors_truncated") == true && range.count > 1) {
        return halve(chunk, range, sum);
    }
    sum.points += count_of(body, "accepted");
    sum.overwritten += count_of(body, "overwritten");
    std::uint64_t rejected = count_of(body, "rejected");
    if (const auto* errors = member(body, "errors").if_array()) {
        rejected = std::max<std::uint64_t>(rejected, errors->size());
    }
    sum.rejected += rejected;
    report_errors(chunk, range, body);
}

void Delivery::report_errors(const Chunk& chunk, Range range, const boost::json::value& response) {
    const auto* errors = member(response, "errors").if_array();
    if (errors == nullptr) return;
    for (const auto& error : *errors) {
        const std::uint64_t index = count_of(error, "index");
        if (index >= range.count) continue;
        const auto& item = chunk.items[range.first + index];
        rejected_({item.line, text_of(error, "entity"), text_of(error, "attribute"),
                   text_of(error, "code"), text_of(error, "detail"),
                   std::string(chunk.original(item))});
    }
}

void Delivery::deliver_lines(const Chunk& chunk, Range range, Delivered& sum) {
    const auto response = send(body_of(chunk, range));
    if (response.ok()) {
        for (std::size_t i = range.first; i < range.first + range.count; ++i) {
            sum.points += chunk.items[i].fields;
        }
        return;
    }
    const Partial partial = read_partial(response);
    // The response gives the first reason only: halve until it is that of one line, or of all.
    if (range.count > 1 && partial.dropped < range.count) return halve(chunk, range, sum);
    for (std::size_t i = range.first; i < range.first + range.count; ++i) {
        const auto& item = chunk.items[i];
        rejected_({item.line,
                   {},
                   {},
                   "partial_write",
                   partial.reason,
                   std::string(chunk.original(item))});
    }
    sum.points += partial.accepted;
    sum.rejected += range.count;
}

}  // namespace atlas::cli
