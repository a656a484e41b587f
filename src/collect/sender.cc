// SPDX-License-Identifier: Apache-2.0
#include "collect/sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/json_writer.h"
#include "client/problem.h"
#include "client/url.h"

namespace atlas::collect {
namespace {

constexpr std::chrono::milliseconds kFirstPause{500};
constexpr std::chrono::milliseconds kLongestPause{30000};
constexpr std::chrono::seconds kFarewell{2};
constexpr int kMaxPages = 200;

std::string declaration_of(const Attribute& attribute) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("type").value(attribute.type);
    if (!attribute.unit.empty()) json.key("unit").value(attribute.unit);
    if (!attribute.description.empty()) json.key("description").value(attribute.description);
    if (!attribute.category.empty()) json.key("category").value(attribute.category);
    json.key("hot").value(attribute.hot).end_object();
    return body;
}

// Final responses are about what was sent; all others are about the server or the network, and can
// be different next time.
bool is_final(int status) {
    return (status >= 200 && status < 300) || status == 400 || status == 413 || status == 422;
}

std::uint64_t count_of(const boost::json::value& response, std::string_view name) {
    const auto* object = response.if_object();
    const auto* count = object == nullptr ? nullptr : object->if_contains(name);
    if (count == nullptr || !count->is_int64()) return 0;
    return static_cast<std::uint64_t>(count->get_int64());
}

}  // namespace

Sender::Sender(client::Options options, Say say)
    : client_(std::move(options)), say_(std::move(say)) {
}

Sender::~Sender() {
    stop();
}

void Sender::start() {
    thread_ = std::thread([this] { run(); });
}

void Sender::stop() {
    if (!thread_.joinable()) return;
    flush(kFarewell);
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
    for (const Report& report : pending_) totals_.dropped_points += report.points;
    pending_.clear();
}

void Sender::push(Report report) {
    if (report.ndjson.empty()) return;
    const std::scoped_lock lock(mutex_);
    pending_bytes_ += report.ndjson.size();
    pending_.push_back(std::move(report));
    while (pending_bytes_ > kMaxPending && pending_.size() > 1) {
        // Declarations must outlive the lines they came with.
        auto& next = pending_[1].first_seen;
        auto& oldest = pending_.front();
        next.insert(next.begin(), oldest.first_seen.begin(), oldest.first_seen.end());
        totals_.dropped_points += oldest.points;
        pending_bytes_ -= oldest.ndjson.size();
        pending_.pop_front();
    }
    changed_.notify_all();
}

Sender::Totals Sender::totals() const {
    const std::scoped_lock lock(mutex_);
    return totals_;
}

bool Sender::flush(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [this] { return pending_.empty() && !busy_; });
}

void Sender::run() {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return stopping_ || !pending_.empty(); });
            if (stopping_) return;
            busy_ = true;
        }
        Report report = next_request();
        const Delivery delivery = deliver(report);
        if (delivery == Delivery::later) put_back(std::move(report));
        {
            const std::scoped_lock lock(mutex_);
            busy_ = false;
        }
        changed_.notify_all();
        if (delivery == Delivery::later) wait_before_retry();
    }
}

Report Sender::next_request() {
    const std::scoped_lock lock(mutex_);
    Report joined = std::move(pending_.front());
    pending_.pop_front();
    while (!pending_.empty() &&
           joined.ndjson.size() + pending_.front().ndjson.size() <= kMaxRequest) {
        Report& next = pending_.front();
        joined.ndjson += next.ndjson;
        joined.points += next.points;
        joined.observations += next.observations;
        joined.first_seen.insert(joined.first_seen.end(), next.first_seen.begin(),
                                 next.first_seen.end());
        pending_.pop_front();
    }
    pending_bytes_ -= joined.ndjson.size();
    return joined;
}

void Sender::put_back(Report report) {
    const std::scoped_lock lock(mutex_);
    pending_bytes_ += report.ndjson.size();
    pending_.push_front(std::move(report));
}

Sender::Delivery Sender::deliver(const Report& report) {
    if (declare_all(report) == Delivery::later) return Delivery::later;
    const auto response = client_.send({.method = "POST",
                                        .target = "/v1/telemetry",
                                        .body = report.ndjson,
                                        .content_type = "application/x-ndjson"});
    if (!response) {
        fail(response.error().detail);
        return Delivery::later;
    }
    return judge(*response, report);
}

Sender::Delivery Sender::judge(const client::Response& response, const Report& report) {
    if (!is_final(response.status)) {
        fail(client::problem_of(response).detail);
        const auto after = response.retry_after();
        if (after) pause_ = std::max(pause_, std::chrono::milliseconds(*after));
        return Delivery::later;
    }
    boost::system::error_code error;
    const auto body = boost::json::parse(response.body, error);
    const std::uint64_t accepted = response.ok() ? count_of(body, "accepted") : 0;
    const std::uint64_t refused = response.ok() ? count_of(body, "rejected") : report.points;
    if (away_ && say_) say_("delivering telemetry to " + client_.options().url + " again");
    away_ = false;
    pause_ = {};
    if (refused > 0 && !said_refused_ && say_) {
        said_refused_ = true;
        say_(fmt::format("{} rejected {} data points: {:.500}", client_.options().url, refused,
                         response.body));
    }
    const std::scoped_lock lock(mutex_);
    totals_.delivered_points += accepted;
    totals_.refused_points += refused;
    return Delivery::done;
}

// Units and hot flags are declared once. A name that the tenant knows already stays as it is: its
// owner may have changed it.
Sender::Delivery Sender::declare_all(const Report& report) {
    if (report.first_seen.empty()) return Delivery::done;
    if (!declared_loaded_) load_declared();
    for (const Attribute& attribute : report.first_seen) {
        if (declared_.contains(attribute.name)) continue;
        const std::string body = declaration_of(attribute);
        const std::string target = "/v1/attributes/" + client::percent_encode(attribute.name);
        const auto response = client_.send(
            {.method = "PUT", .target = target, .body = body, .content_type = "application/json"});
        if (!response || response->status == 503 || response->status == 429) {
            fail(response ? client::problem_of(*response).detail : response.error().detail);
            return Delivery::later;
        }
        // Refused (no admin scope, a type in use): its first value declares it as well as it can.
        declared_.insert(attribute.name);
    }
    return Delivery::done;
}

void Sender::load_declared() {
    std::string page_token;
    for (int page = 0; page < kMaxPages; ++page) {
        const auto response = client_.send({.target = client::Target("/v1/attributes")
                                                          .add("page_size", "1000")
                                                          .add("page_token", page_token)
                                                          .str()});
        if (!response || !response->ok()) return;
        boost::system::error_code error;
        const auto body = boost::json::parse(response->body, error);
        if (error || !body.is_object()) return;
        const auto* list = body.get_object().if_contains("attributes");
        if (list == nullptr || !list->is_array()) return;
        for (const auto& item : list->get_array()) {
            const auto* name = item.is_object() ? item.get_object().if_contains("name") : nullptr;
            if (name != nullptr && name->is_string()) declared_.emplace(name->get_string());
        }
        const auto* next = body.get_object().if_contains("next_page_token");
        page_token = next != nullptr && next->is_string() ? std::string(next->get_string()) : "";
        if (page_token.empty()) break;
    }
    declared_loaded_ = true;
}

void Sender::fail(const std::string& reason) {
    if (!away_ && say_) say_("buffering telemetry until the server accepts it: " + reason);
    away_ = true;
}

void Sender::wait_before_retry() {
    pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, pause_, [this] { return stopping_; });
}

}  // namespace atlas::collect
