// SPDX-License-Identifier: Apache-2.0
#include "collect/collector.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>

#include "client/url.h"
#include "collect/cpu_source.h"
#include "collect/disk_source.h"
#include "collect/filesystem_source.h"
#include "collect/interrupt_source.h"
#include "collect/memory_source.h"
#include "collect/network_source.h"
#include "collect/process_source.h"
#include "collect/system_source.h"

namespace atlas::collect {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr std::uint64_t kDetailTicks = 10;
constexpr int kMaxAdoptedPages = 20;
constexpr const char* kTypes =
    R"(type = ("process" OR "cpu" OR "disk" OR "network_interface" OR "filesystem"))";

double steady_seconds() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(since).count();
}

// Appends the entities of one page; gives the token of the next, empty after the last.
std::string read_page(const client::Response& response, std::vector<std::string>& entities) {
    boost::system::error_code error;
    const auto body = boost::json::parse(response.body, error);
    const auto* object = error ? nullptr : body.if_object();
    const auto* list = object == nullptr ? nullptr : object->if_contains("entities");
    if (list == nullptr || !list->is_array()) return {};
    for (const auto& item : list->get_array()) {
        const auto* name = item.is_object() ? item.get_object().if_contains("entity") : nullptr;
        if (name != nullptr && name->is_string()) entities.emplace_back(name->get_string());
    }
    const auto* next = object->if_contains("next_page_token");
    return next != nullptr && next->is_string() ? std::string(next->get_string()) : std::string();
}

std::string string_literal(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

}  // namespace

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "localhost";
    return name.data();
}

Survey::Survey(std::string host, const Roots& roots) : host_(std::move(host)) {
    sources_.push_back({std::make_unique<SystemSource>(host_, roots)});
    sources_.push_back({std::make_unique<CpuSource>(host_, roots)});
    sources_.push_back({std::make_unique<MemorySource>(roots)});
    sources_.push_back({std::make_unique<DiskSource>(host_, roots)});
    sources_.push_back({std::make_unique<NetworkSource>(host_, roots)});
    sources_.push_back({std::make_unique<FilesystemSource>(host_, roots)});
    sources_.push_back({std::make_unique<InterruptSource>(roots)});
    sources_.push_back({std::make_unique<ProcessSource>(host_, roots)});
}

void Survey::adopt(std::span<const std::string> entities) {
    for (const Entry& entry : sources_) entry.source->adopt(entities);
}

void Survey::write_host(std::uint64_t tick, const Moment& now) {
    recorder_.begin(host_, "host", now.at);
    for (const Entry& entry : sources_) entry.source->add_main(recorder_, now);
    if (tick % kDetailTicks == 0) {
        for (const Entry& entry : sources_) entry.source->add_details(recorder_, now);
    }
    recorder_.end();
}

Report Survey::tick(std::uint64_t tick, const Moment& now) {
    write_host(tick, now);
    for (Entry& entry : sources_) {
        if (tick < entry.due) continue;
        entry.source->write_entities(recorder_, now);
        entry.due = tick + static_cast<std::uint64_t>(entry.source->interval().count());
    }
    return recorder_.take();
}

Collector::Collector(CollectorOptions options)
    : options_(std::move(options)),
      host_(options_.host.empty() ? host_name() : options_.host),
      survey_(host_, options_.roots),
      sender_(options_.server, options_.say) {
}

Collector::~Collector() {
    stop();
}

void Collector::start() {
    sender_.start();
    thread_ = std::thread([this] { run(); });
}

void Collector::stop() {
    if (!thread_.joinable()) return;
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
    sender_.stop();
}

bool Collector::wait_until(std::chrono::steady_clock::time_point when) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_until(lock, when, [this] { return stopping_; });
}

void Collector::run() {
    adopt_present();
    auto due = std::chrono::steady_clock::now();
    for (std::uint64_t tick = 0; wait_until(due); ++tick) {
        sender_.push(survey_.tick(tick, {now(), steady_seconds()}));
        due += kTick;
        // After a suspended machine wakes, the seconds it slept through are not made up for.
        if (const auto late = std::chrono::steady_clock::now(); due < late) due = late;
    }
}

// What ended while no collector looked is still there as far as the server knows.
void Collector::adopt_present() {
    client::HttpClient client(options_.server);
    const std::string filter =
        fmt::format("{} AND host = {} AND state != \"gone\"", kTypes, string_literal(host_));
    std::vector<std::string> entities;
    std::string page_token;
    for (int page = 0; page < kMaxAdoptedPages; ++page) {
        const auto response = client.send({.target = client::Target("/v1/entities")
                                                         .add("filter", filter)
                                                         .add("attributes", "state")
                                                         .add("page_size", "1000")
                                                         .add("page_token", page_token)
                                                         .str()});
        if (!response || !response->ok()) break;
        page_token = read_page(*response, entities);
        if (page_token.empty()) break;
    }
    survey_.adopt(entities);
}

}  // namespace atlas::collect
