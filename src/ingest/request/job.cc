// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/job.h"

namespace atlas::ingest {

Job::Job(WriteRequest write)
    : request(std::move(write)), batch(std::move(request.body)), outcome(batch, request.format) {
    request.body = {};
}

void Job::part_committed(LogPosition token) {
    end(countdown_.part_committed(token));
}

void Job::part_refused() {
    const auto status = refused_as_a_whole() ? WriteStatus::refused : WriteStatus::done;
    end(countdown_.part_ended(status, {}));
}

void Job::part_tenant_inactive() {
    end(countdown_.part_ended(WriteStatus::tenant_inactive, {}));
}

void Job::part_tenant_unknown() {
    end(countdown_.part_ended(WriteStatus::tenant_unknown, {}));
}

void Job::part_unavailable(std::string detail) {
    end(countdown_.part_ended(WriteStatus::unavailable, std::move(detail)));
}

void Job::finish(WriteStatus status, std::string detail) {
    if (countdown_.close()) end(RequestEnd{status, std::move(detail), {}});
}

void Job::end(std::optional<RequestEnd> end) {
    if (end) request.done(outcome.build(end->status, std::move(end->detail), end->token));
}

}  // namespace atlas::ingest
