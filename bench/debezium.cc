// SPDX-License-Identifier: Apache-2.0
#include "bench/debezium.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <future>
#include <stdexcept>
#include <thread>

#include "bench/command.h"
#include "bench/server.h"

namespace atlas::bench {
namespace {

constexpr const char* kPassword = "bench";
constexpr const char* kSlot = "debezium";

int free_port() {
    const int probe = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    const bool bound = bind(probe, any, size) == 0 && getsockname(probe, any, &size) == 0;
    close(probe);
    if (!bound) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

// Fields 14 and 15 of /proc/PID/stat, which follow the name in parentheses.
double process_cpu_seconds(const std::string& pid) {
    std::ifstream file("/proc/" + pid + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

double walsender_cpu_seconds(pg::Connection& database) {
    const auto rows = must(database.exec("SELECT pid::text FROM pg_stat_replication"));
    double sum = 0;
    for (int row = 0; row < rows.size(); ++row) {
        sum += process_cpu_seconds(std::string(rows.text(row, 0)));
    }
    return sum;
}

Debezium::Debezium() : command_(output_of("bench/debezium/build")), port_(free_port()) {
    setenv("ATLAS_POSTGRES_PORT", std::to_string(port_).c_str(), 1);  // also for atlas dsn
}

void Debezium::prepare(pg::Connection& database) const {
    must(database.exec(fmt::format("ALTER ROLE postgres PASSWORD '{}'", kPassword)));
    must(database.exec(
        fmt::format("SELECT pg_create_logical_replication_slot('{}', 'pgoutput')", kSlot)));
}

Debezium::Run Debezium::read(pg::Connection& database, std::int64_t rows) const {
    const std::string command = fmt::format("PGPASSWORD={} {} 127.0.0.1 {} atlas postgres {} {}",
                                            kPassword, command_, port_, kSlot, rows);
    auto output = std::async(std::launch::async, [&command] { return output_of(command); });
    Run run;
    // The walsender's time is lost with it: what was last seen counts.
    while (output.wait_for(std::chrono::milliseconds{200}) != std::future_status::ready) {
        run.walsender_cpu_seconds =
            std::max(run.walsender_cpu_seconds, walsender_cpu_seconds(database));
    }
    const auto json = boost::json::parse(output.get());
    run.rows = json.at("rows").as_int64();
    run.cpu_seconds = json.at("cpu_seconds").to_number<double>();
    return run;
}

}  // namespace atlas::bench
