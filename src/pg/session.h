// SPDX-License-Identifier: Apache-2.0
//
// The settings that a session has from its first statement on.
//
//     configuration → [SessionSettings] → Connection::open, Pool
//
// Lifetime   a value, copied by whatever opens sessions.
// Threading  constant once set.
#pragma once

#include <chrono>
#include <string>

namespace atlas::pg {

// Zero switches a timeout off.
struct SessionSettings {
    std::chrono::milliseconds connect_timeout{5000};  // rounded up to whole seconds
    std::chrono::milliseconds statement_timeout{10000};
    std::chrono::milliseconds lock_timeout{4000};
    std::chrono::milliseconds idle_in_transaction_timeout{10000};
    std::chrono::milliseconds tcp_user_timeout{10000};  // sent bytes that nothing acknowledges
    std::string application_name = "atlas";
    bool force_custom_plans = true;  // partitions are pruned by the values of parameters
};

}  // namespace atlas::pg
