// SPDX-License-Identifier: Apache-2.0
//
// Makes sure that a transaction ends: it is rolled back unless it was committed.
//
//     auto transaction = Transaction::begin(connection); … transaction->commit();
//
// Lifetime   within that of its connection, which runs nothing but this transaction meanwhile.
// Threading  that of the connection; every call is a round trip.
#pragma once

#include "pg/connection.h"

namespace atlas::pg {

class Transaction {
public:
    // Under READ COMMITTED, which the lock protocol of the shards needs. Fails as exec() does.
    static Expected<Transaction> begin(Connection& connection) {
        const SqlText begin("BEGIN ISOLATION LEVEL READ COMMITTED", "begin");
        if (auto done = connection.exec(begin); !done) return failure(done.error());
        return Transaction(connection);
    }
    // One that a pipeline of the caller has begun.
    static Transaction adopt(Connection& connection) { return Transaction(connection); }
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

    // Ends the transaction, whatever comes of it. With ErrorKind::connection it is not known
    // whether the commit took place; after any other failure it did not.
    Expected<void> commit() {
        Connection* connection = std::exchange(connection_, nullptr);
        const SqlText commit("COMMIT", "commit");
        if (auto done = connection->exec(commit); !done) return failure(done.error());
        return {};
    }

private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
};

}  // namespace atlas::pg
