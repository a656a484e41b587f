// SPDX-License-Identifier: Apache-2.0
//
// The services of one process as a list: they start in its order and stop in reverse.
//
//     Services services;
//     add_roles(services, {"gateway", "jobs"}, options, process);
//     services.start();
//
// Lifetime   what is stopped last is freed last; the destructor stops what was started.
// Threading  add(), start() and stop() from one thread; hurry() and status() from any between
//            start() and the end.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/service.h"
#include "base/clock.h"
#include "config/config.h"
#include "observe/metrics.h"

namespace atlas::app {

class Services {
public:
    Services() = default;
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;
    ~Services();

    // Before start().
    void add(std::unique_ptr<Service> service);
    // Throws what a service throws, after stopping those that it had started.
    void start();
    void stop();
    void hurry();
    // One part per service, those that start last first: clients look for the gateway.
    std::vector<http::StatusPart> status() const;
    // Of all services, in the order in which they start.
    std::vector<http::StatusPart> stages() const;
    // As Service::rebuild(), of all services.
    std::vector<std::string> rebuild(std::string_view follower) const;
    // As of the service that has a store.
    http::CheckStart check(const http::StoreCheck& check) const;
    std::optional<http::StoreReport> checked() const;

private:
    std::vector<std::unique_ptr<Service>> services_;
    std::size_t started_ = 0;
};

// What all services of a process use; outlives them.
struct ProcessContext {
    const config::Config& config;
    observe::Registry& registry;
    const Clock& clock;
};

}  // namespace atlas::app
