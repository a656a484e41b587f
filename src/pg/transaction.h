// SPDX-License-Identifier: Apache-2.0
//
// A transaction on a session: rolled back unless committed.
//
// Lifetime   within that of its connection, which does nothing else meanwhile.
// Threading  that of the connection.
#pragma once

#include "pg/connection.h"

namespace atlas::pg {

class Transaction {
public:
    // Under READ COMMITTED, which the lock protocol of the shards needs.
    static Expected<Transaction> begin(Connection& connection) {
        if (auto done = connection.exec("BEGIN ISOLATION LEVEL READ COMMITTED"); !done) {
            return failure(done.error());
        }
        return Transaction(connection);
    }
    Transaction(Transaction&& other) noexcept
        : connection_(std::exchange(other.connection_, nullptr)) {}
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction() {
        if (connection_ != nullptr && connection_->usable()) {
            static_cast<void>(connection_->exec("ROLLBACK"));
        }
    }

    // With ErrorKind::connection it is not known whether the commit took place.
    Expected<void> commit() {
        Connection* connection = std::exchange(connection_, nullptr);
        if (auto done = connection->exec("COMMIT"); !done) return failure(done.error());
        return {};
    }

private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
};

}  // namespace atlas::pg
