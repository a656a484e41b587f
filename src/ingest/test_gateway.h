// SPDX-License-Identifier: Apache-2.0
//
// An ingester with everything it needs, for tests: what one gateway process holds.
//
// Lifetime   the destructor commits what is queued.
// Threading  any thread.
#pragma once

#include <future>
#include <memory>
#include <string>

#include "ingest/ingester.h"

namespace atlas::ingest {

class TestGateway {
public:
    explicit TestGateway(std::string conninfo, std::size_t cache_bytes = std::size_t{1} << 20U)
        : TestGateway(options_for(std::move(conninfo), cache_bytes)) {}
    explicit TestGateway(const Options& options)
        : ingester_(std::make_unique<Ingester>(options, catalog_, shapes_, registry_, clock_)) {
        ingester_->start();
    }

    static Options options_for(std::string conninfo,
                               std::size_t cache_bytes = std::size_t{1} << 20U) {
        Options options{.conninfo = std::move(conninfo),
                        .session = {},
                        .writers = 2,
                        .max_queued_bytes = std::size_t{64} << 20U,
                        .oldest = std::chrono::milliseconds{0}};
        options.directory_bytes = std::size_t{1} << 20U;
        options.state_cache_bytes = cache_bytes;
        return options;
    }

    std::future<WriteOutcome> begin_write(std::string body, Format format = Format::json,
                                          bool atomic = false, TenantId tenant = kDefaultTenant,
                                          bool dry_run = false) {
        auto response = std::make_shared<std::promise<WriteOutcome>>();
        WriteRequest request;
        request.tenant = tenant;
        request.format = format;
        request.atomic = atomic;
        request.dry_run = dry_run;
        request.body = std::move(body);
        request.received_at = now();
        request.deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        request.done = [response](WriteOutcome outcome) {
            response->set_value(std::move(outcome));
        };
        auto future = response->get_future();
        ingester_->submit(std::move(request));
        return future;
    }
    WriteOutcome write(std::string body, Format format = Format::json, bool atomic = false,
                       TenantId tenant = kDefaultTenant, bool dry_run = false) {
        return begin_write(std::move(body), format, atomic, tenant, dry_run).get();
    }

private:
    const SystemClock clock_;
    catalog::Catalog catalog_{clock_};
    storage::ShapeRegistry shapes_{clock_};
    observe::Registry registry_;
    std::unique_ptr<Ingester> ingester_;
};

}  // namespace atlas::ingest
