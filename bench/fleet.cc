// SPDX-License-Identifier: Apache-2.0
#include "bench/fleet.h"

#include <fmt/format.h>

#include <algorithm>

#include "bench/server.h"

namespace atlas::bench {
namespace {

constexpr std::size_t kTimeDigits = 13;

}  // namespace

std::vector<std::int64_t> skewed_sizes(std::int64_t entities, int tenants) {
    double sum = 0;
    for (int rank = 1; rank <= tenants; ++rank) sum += 1.0 / rank;
    std::vector<std::int64_t> sizes;
    std::int64_t left = entities;
    for (int rank = 1; rank <= tenants; ++rank) {
        const auto share = static_cast<std::int64_t>(static_cast<double>(entities) / (sum * rank));
        sizes.push_back(std::clamp<std::int64_t>(share, 1, std::max<std::int64_t>(left, 1)));
        left -= sizes.back();
    }
    sizes.front() += std::max<std::int64_t>(left, 0);
    return sizes;
}

FleetShape scaled(FleetShape shape, const Settings& settings) {
    shape.entities = settings.scaled(shape.entities, 200);
    shape.tenants = static_cast<int>(settings.scaled(shape.tenants, 3));
    return shape;
}

Fleet::Fleet(const FleetShape& shape, std::int64_t first_ms)
    : shape_(shape), sizes_(skewed_sizes(shape.entities, shape.tenants)) {
    for (int tenant = 0; tenant < shape_.tenants; ++tenant) {
        const std::int64_t size = tenant_size(tenant);
        for (std::int64_t first = 0; first < size; first += shape_.lines_per_body) {
            Body body;
            body.tenant = tenant_name(tenant);
            body.next_ms = first_ms;
            const std::int64_t end = std::min<std::int64_t>(first + shape_.lines_per_body, size);
            for (std::int64_t entity = first; entity < end; ++entity) {
                shape_.line_protocol ? append_line(body, tenant, entity)
                                     : append_json(body, tenant, entity);
                ++body.observations;
            }
            bodies_.push_back(std::move(body));
        }
    }
    std::ranges::shuffle(bodies_, random_);
}

std::string Fleet::tenant_name(int tenant) const {
    return fmt::format("tenant-{:04}", tenant);
}

void Fleet::append_time(Body& body) {
    body.times.push_back(static_cast<std::uint32_t>(body.text.size()));
    body.text.append(kTimeDigits, '0');
}

void Fleet::append_string(Body& body) {
    body.text += "state-";
    body.strings.push_back(static_cast<std::uint32_t>(body.text.size()));
    body.text += fmt::format("{:02}", random_() % 10);
}

void Fleet::append_json(Body& body, int tenant, std::int64_t entity) {
    auto out = std::back_inserter(body.text);
    fmt::format_to(out, R"({{"entity":"device-{:04}-{:07}","at":)", tenant, entity);
    append_time(body);
    body.text += R"(,"attributes":{)";
    for (int i = 0; i < shape_.doubles; ++i) {
        const double value = static_cast<double>(random_() % 100'000) / 1000.0 + 0.0005;
        fmt::format_to(out, R"("measure_{}":{:.4f},)", i, value);
    }
    for (int i = 0; i < shape_.ints; ++i) {
        fmt::format_to(out, R"("count_{}":{},)", i, random_() % 100'000);
    }
    for (int i = 0; i < shape_.strings; ++i) {
        fmt::format_to(out, R"("status_{}":")", i);
        append_string(body);
        body.text += "\",";
    }
    body.text.back() = '}';
    body.text += "}\n";
}

void Fleet::append_line(Body& body, int tenant, std::int64_t entity) {
    auto out = std::back_inserter(body.text);
    fmt::format_to(out, "device,entity=device-{:04}-{:07} ", tenant, entity);
    for (int i = 0; i < shape_.doubles; ++i) {
        const double value = static_cast<double>(random_() % 100'000) / 1000.0 + 0.0005;
        fmt::format_to(out, "measure_{}={:.4f},", i, value);
    }
    for (int i = 0; i < shape_.ints; ++i) {
        fmt::format_to(out, "count_{}={}i,", i, random_() % 100'000);
    }
    for (int i = 0; i < shape_.strings; ++i) {
        fmt::format_to(out, "status_{}=\"", i);
        append_string(body);
        body.text += "\",";
    }
    body.text.back() = ' ';
    append_time(body);
    body.text += '\n';
}

void Fleet::set_time(Body& body, std::size_t observation, std::int64_t unix_ms) {
    char* digits = body.text.data() + body.times[observation];
    for (std::size_t i = kTimeDigits; i-- > 0; unix_ms /= 10) {
        digits[i] = static_cast<char>('0' + unix_ms % 10);
    }
}

void Fleet::advance(Body& body, std::minstd_rand& random) const {
    for (std::size_t i = 0; i < body.times.size(); ++i) set_time(body, i, body.next_ms);
    body.next_ms += 1000;
    // As many changes as the chance says, at random places.
    const double wanted = shape_.change * static_cast<double>(body.strings.size());
    auto changes = static_cast<std::size_t>(wanted);
    if (static_cast<double>(random() % 1'000'000) < (wanted - static_cast<double>(changes)) * 1e6) {
        ++changes;
    }
    for (std::size_t i = 0; i < changes; ++i) {
        char& digit = body.text[body.strings[random() % body.strings.size()] + 1];
        digit = static_cast<char>('0' + (digit - '0' + 1) % 10);
    }
}

void Fleet::register_tenants(pg::Connection& connection) const {
    must(
        connection.exec_script("INSERT INTO tenants (tenant_name) SELECT 'tenant-' || "
                               "lpad(i::text, 4, '0') FROM generate_series(0, " +
                               std::to_string(shape_.tenants - 1) + ") i ON CONFLICT DO NOTHING"));
}

void Fleet::register_all(pg::Connection& connection) const {
    register_tenants(connection);
    std::vector<std::int64_t> sizes(sizes_);
    must(connection.exec(
        "INSERT INTO entities (tenant_id, entity_type, external_id) "
        "SELECT t.tenant_id, 'device', 'device-' || right(t.tenant_name, 4) || '-' || "
        "lpad(e::text, 7, '0') "
        "FROM unnest($1::bigint[]) WITH ORDINALITY v (size, place) "
        "JOIN tenants t ON t.tenant_name = 'tenant-' || lpad((v.place - 1)::text, 4, '0') "
        "CROSS JOIN LATERAL generate_series(0, v.size - 1) e",
        pg::Params{}.add_int8s(sizes)));
    must(connection.exec_script("VACUUM (ANALYZE, FREEZE) entities"));
    must(connection.exec_script("VACUUM (ANALYZE, FREEZE) entity_jsonb"));
}

}  // namespace atlas::bench
