// SPDX-License-Identifier: Apache-2.0
#include "app/services.h"

#include <ranges>

namespace atlas::app {

Services::~Services() {
    stop();
    while (!services_.empty()) services_.pop_back();
}

void Services::add(std::unique_ptr<Service> service) {
    services_.push_back(std::move(service));
}

void Services::start() {
    try {
        for (auto& service : services_) {
            service->start();
            ++started_;
        }
    } catch (...) {
        stop();
        throw;
    }
}

void Services::stop() {
    while (started_ > 0) services_[--started_]->stop();
}

void Services::hurry() {
    for (auto& service : services_) service->hurry();
}

std::vector<http::StatusPart> Services::status() const {
    std::vector<http::StatusPart> parts;
    for (const auto& service : std::views::reverse(services_)) parts.push_back(service->status());
    return parts;
}

std::vector<http::StatusPart> Services::stages() const {
    std::vector<http::StatusPart> all;
    for (const auto& service : services_) {
        for (auto& stage : service->stages()) all.push_back(std::move(stage));
    }
    return all;
}

std::vector<std::string> Services::rebuild(std::string_view follower) const {
    std::vector<std::string> all;
    for (const auto& service : services_) {
        for (auto& name : service->rebuild(follower)) all.push_back(std::move(name));
    }
    return all;
}

http::CheckStart Services::check(const http::StoreCheck& check) const {
    for (const auto& service : services_) {
        const auto start = service->check(check);
        if (start != http::CheckStart::no_store) return start;
    }
    return http::CheckStart::no_store;
}

std::optional<http::StoreReport> Services::checked() const {
    for (const auto& service : services_) {
        if (auto report = service->checked()) return report;
    }
    return std::nullopt;
}

}  // namespace atlas::app
