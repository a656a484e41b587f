// SPDX-License-Identifier: Apache-2.0
#include "demo/feeder.h"

#include <boost/json.hpp>

#include "client/url.h"

namespace atlas::demo {
namespace {

constexpr std::chrono::milliseconds kRetry{500};
constexpr int kMaxPages = 50;

std::string_view text_of(const boost::json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
}

// Hands each entity of a page to the feed; returns the token of the next page, empty after the
// last.
std::string adopt_page(const std::string& text, Feed& feed) {
    boost::system::error_code error;
    const auto body = boost::json::parse(text, error);
    if (error || !body.is_object()) return {};
    const auto* list = body.get_object().if_contains("entities");
    if (list == nullptr || !list->is_array()) return {};
    for (const auto& item : list->get_array()) {
        if (!item.is_object()) continue;
        const auto newest = parse_rfc3339(text_of(item.get_object(), "last_observed_at"));
        if (newest) feed.adopt(text_of(item.get_object(), "entity"), *newest);
    }
    return std::string(text_of(body.get_object(), "next_page_token"));
}

}  // namespace

Feeder::Feeder(client::Options server, std::uint64_t seed, collect::Sender::Say say)
    : server_(server), feed_(seed), sender_(std::move(server), std::move(say)) {
}

Feeder::~Feeder() {
    stop();
}

void Feeder::start() {
    sender_.start();
    thread_ = std::thread([this] { run(); });
}

void Feeder::stop() {
    if (!thread_.joinable()) return;
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
    sender_.stop();
}

bool Feeder::wait_until(std::chrono::system_clock::time_point when) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_until(lock, when, [this] { return stopping_; });
}

// What an earlier run wrote. False when the server could not tell.
bool Feeder::adopt_all() {
    client::HttpClient client(server_);
    std::string page_token;
    for (int page = 0; page < kMaxPages; ++page) {
        const auto response = client.send({.target = client::Target("/v1/entities")
                                                         .add("order_by", "entity")
                                                         .add("page_size", "1000")
                                                         .add("page_token", page_token)
                                                         .str()});
        if (!response || !response->ok()) return false;
        page_token = adopt_page(response->body, feed_);
        if (page_token.empty()) break;
    }
    return true;
}

void Feeder::run() {
    while (!adopt_all()) {
        if (!wait_until(std::chrono::system_clock::now() + kRetry)) return;
    }
    std::chrono::system_clock::time_point at;
    do {
        at = std::chrono::system_clock::now();
        for (auto report = feed_.next(now()); !report.ndjson.empty(); report = feed_.next(now())) {
            sender_.push(std::move(report));
        }
    } while (wait_until(std::chrono::floor<std::chrono::seconds>(at) + std::chrono::seconds{1}));
}

}  // namespace atlas::demo
