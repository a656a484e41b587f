// SPDX-License-Identifier: Apache-2.0
#include "collect/network_source.h"

#include <algorithm>

#include "collect/text.h"

namespace atlas::collect {
namespace {

constexpr std::int64_t kSecondsMin = 2;
constexpr std::int64_t kSecondsMax = 600;

std::array<Attribute, 8> counters(bool on_change) {
    const auto rate = [&](const char* name, const char* unit) {
        return Attribute{name, "double", unit, false, on_change};
    };
    return {rate("network_receive_bytes_per_second", "bytes/s"),
            rate("network_receive_packets_per_second", "1/s"),
            rate("network_receive_errors_per_second", "1/s"),
            rate("network_receive_drops_per_second", "1/s"),
            rate("network_transmit_bytes_per_second", "bytes/s"),
            rate("network_transmit_packets_per_second", "1/s"),
            rate("network_transmit_errors_per_second", "1/s"),
            rate("network_transmit_drops_per_second", "1/s")};
}

const std::array<Attribute, 8> kMain = counters(false);
const std::array<Attribute, 8> kEach = counters(true);
const Attribute kDevice{"device", "string", "", true, true};
const Attribute kState{"network_state", "string", "", true, true};
const Attribute kAddress{"mac_address", "string", "", true, true};
const Attribute kMtu{"network_mtu_bytes", "int", "bytes", false, true};
const Attribute kSpeed{"network_speed_bits_per_second", "int", "bits/s", false, true};

// What an interface that is gone no longer has.
const std::array<std::reference_wrapper<const Attribute>, 10> kFigures{
    kEach[0], kEach[1], kEach[2], kEach[3], kEach[4], kEach[5], kEach[6], kEach[7], kState, kSpeed};

// These of /proc/net/snmp are states; all others count since the start.
bool is_state(std::string_view name) {
    static constexpr std::string_view kStates[] = {
        "Forwarding", "DefaultTTL", "RtoAlgorithm", "RtoMin", "RtoMax", "MaxConn", "CurrEstab"};
    return std::find(std::begin(kStates), std::end(kStates), name) != std::end(kStates);
}

}  // namespace

// "  eth0: 441575492 10908 0 0 0 0 0 0 550462 7057 0 0 0 0 0 0"
bool NetworkSource::read_interfaces() {
    interfaces_.clear();
    if (!read_file(roots_.proc / "net/dev", text_)) return false;
    std::string_view rest = text_;
    std::string_view line;
    while (next_line(rest, line)) {
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        std::string_view name = line.substr(0, colon);
        line.remove_prefix(colon + 1);
        Interface interface{std::string(next_field(name)), {}};
        for (std::size_t i = 0; i < 4; ++i) interface.counters[i] = next_int(line);
        skip_fields(line, 4);
        for (std::size_t i = 4; i < 8; ++i) interface.counters[i] = next_int(line);
        interfaces_.push_back(std::move(interface));
    }
    return true;
}

void NetworkSource::add_main(Recorder& recorder, const Moment& now) {
    if (!read_interfaces()) return;
    Counters all{};
    for (const Interface& interface : interfaces_) {
        // Traffic with itself, and what bridges and virtual pairs repeat, is not the host's.
        std::error_code error;
        const auto device = roots_.sys / "class/net" / interface.name / "device";
        if (!std::filesystem::exists(device, error)) continue;
        for (std::size_t i = 0; i < all.size(); ++i) all[i] += interface.counters[i];
    }
    for (std::size_t i = 0; i < all.size(); ++i) rates_.add(recorder, kMain[i], all[i], now);
}

void NetworkSource::write_entities(Recorder& recorder, const Moment& now) {
    if (!read_interfaces()) return;
    for (const Interface& interface : interfaces_) {
        Rates* rates = inventory_.open(recorder, interface.name, now);
        if (rates == nullptr) continue;
        add_identity(recorder, interface);
        for (std::size_t i = 0; i < interface.counters.size(); ++i) {
            rates->add(recorder, kEach[i], interface.counters[i], now);
        }
        recorder.end();
    }
    inventory_.write_vanished(recorder, now, kFigures);
}

void NetworkSource::add_identity(Recorder& recorder, const Interface& interface) {
    const auto folder = roots_.sys / "class/net" / interface.name;
    recorder.add(kDevice, interface.name);
    const std::string state = read_word(folder / "operstate");
    if (!state.empty()) recorder.add(kState, state);
    const std::string address = read_word(folder / "address");
    if (!address.empty()) recorder.add(kAddress, address);
    if (const auto mtu = to_int(read_word(folder / "mtu"))) recorder.add(kMtu, *mtu);
    const auto megabits = to_int(read_word(folder / "speed"));
    if (megabits && *megabits > 0) recorder.add(kSpeed, *megabits * 1'000'000);
}

void NetworkSource::add_details(Recorder& recorder, const Moment& now) {
    add_protocols(recorder, "net/snmp", now);
    add_protocols(recorder, "net/netstat", now);
    add_sockets(recorder);
}

// Pairs of lines: "Tcp: ActiveOpens PassiveOpens …" and "Tcp: 42 17 …".
void NetworkSource::add_protocols(Recorder& recorder, const char* file, const Moment& now) {
    if (!read_file(roots_.proc / file, text_)) return;
    std::string_view rest = text_;
    std::string_view names;
    std::string_view values;
    while (next_line(rest, names) && next_line(rest, values)) {
        add_protocol(recorder, names, values, now);
    }
}

void NetworkSource::add_protocol(Recorder& recorder, std::string_view names,
                                 std::string_view values, const Moment& now) {
    const std::string prefix = snake_case(next_field(names)) + "_";
    next_field(values);
    for (std::string_view name = next_field(names); !name.empty(); name = next_field(names)) {
        const std::int64_t number = next_int(values);
        if (number == 0) continue;
        const std::string full = prefix + snake_case(name);
        if (is_state(name)) {
            recorder.add(attributes_.get(full, "int", ""), number);
        } else {
            rates_.add(recorder, attributes_.get(full + "_per_second", "double", "1/s"), number,
                       now);
        }
    }
}

// "TCP: inuse 1 orphan 0 tw 116 alloc 1 mem 38"
void NetworkSource::add_sockets(Recorder& recorder) {
    if (!read_file(roots_.proc / "net/sockstat", text_)) return;
    std::string_view rest = text_;
    std::string_view line;
    while (next_line(rest, line)) {
        const std::string prefix = "sockets_" + snake_case(next_field(line)) + "_";
        for (std::string_view name = next_field(line); !name.empty(); name = next_field(line)) {
            const std::int64_t number = next_int(line);
            recorder.add(attributes_.get(prefix + snake_case(name), "int", ""), number);
        }
    }
}

std::chrono::seconds NetworkSource::interval() const {
    const auto count = static_cast<std::int64_t>(interfaces_.size());
    return std::chrono::seconds{std::clamp(count, kSecondsMin, kSecondsMax)};
}

}  // namespace atlas::collect
