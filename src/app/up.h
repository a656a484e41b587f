// SPDX-License-Identifier: Apache-2.0
//
// A private PostgreSQL with all roles, and one built-in client that writes to them, the collector
// or the demo fleet: what `atlas up` and `atlas demo` have in common.
//
// Threading  the main thread, which it blocks until the process ends.
#pragma once

#include <functional>
#include <string>

#include "app/gateway.h"
#include "app/signals.h"
#include "config/config.h"

namespace atlas::app {

// Ends what was started; empty where nothing was.
using Stop = std::function<void()>;
// Starts the client of a gateway that serves at `url`.
using StartClient =
    std::function<Stop(const config::Config&, const GatewayOptions&, const std::string& url)>;

// Serves from the data folder of `config` until a signal comes; the client stops first, PostgreSQL
// last. Throws StartupError, ConfigError.
void run_up(const config::Config& config, const Signals& signals, const StartClient& start_client);

}  // namespace atlas::app
