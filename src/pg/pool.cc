// SPDX-License-Identifier: Apache-2.0
#include "pg/pool.h"

#include <fmt/format.h>
#include <poll.h>

namespace atlas::pg {
namespace {

// The server sends nothing to an idle session unless it ends it: bytes in the socket are its last
// message (or a changed setting, for which a new session does as well).
bool alive(const Connection& connection) {
    if (!connection.usable()) return false;
    pollfd descriptor{.fd = PQsocket(connection.raw()), .events = POLLIN, .revents = 0};
    return ::poll(&descriptor, 1, 0) == 0;
}

}  // namespace

Pool::Lease::~Lease() {
    if (pool_ != nullptr) pool_->give_back(std::move(connection_));
}

Pool::Pool(std::string conninfo, SessionSettings settings, int limit)
    : conninfo_(std::move(conninfo)), settings_(std::move(settings)), limit_(limit) {
}

Expected<Pool::Lease> Pool::acquire(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, wait, [this] { return leased_ < limit_; })) {
        return failure(Error{
            .kind = ErrorKind::retryable,
            .message = fmt::format("all {} database sessions are in use; retry later", limit_)});
    }
    ++leased_;
    while (!idle_.empty()) {
        Connection connection = std::move(idle_.back());
        idle_.pop_back();
        if (alive(connection)) return Lease(*this, std::move(connection));
    }
    lock.unlock();
    auto opened = Connection::open(conninfo_, settings_);
    if (opened) return Lease(*this, std::move(*opened));
    lock.lock();
    --leased_;
    freed_.notify_one();
    return failure(std::move(opened.error()));
}

void Pool::give_back(Connection connection) {
    const std::scoped_lock lock(mutex_);
    --leased_;
    // A session left inside a transaction is closed: the server rolls back, no request waits for
    // it.
    if (connection.usable() && !connection.in_transaction()) {
        idle_.push_back(std::move(connection));
    }
    freed_.notify_one();
}

}  // namespace atlas::pg
