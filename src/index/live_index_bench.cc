// SPDX-License-Identifier: Apache-2.0
//
// What the live index costs, over one tenant of as many entities as the name says, each with five
// hot attributes of at most 1,000 distinct strings: a filter of four conditions with the newest
// 100, other orders, facets, single entities, transactions of a thousand changes, and memory.
//
//     build/release/atlas_index_bench --benchmark_filter=/100000
//
// Times are of the processor; each benchmark checks what it finds. `resident` is the resident size
// of the process per entity, what its allocator keeps included; `counted` what the index says.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "index/index_reader.h"
#include "testing/manual_clock.h"

namespace atlas::index {
namespace {

constexpr std::array<std::string_view, 5> kNames{"site", "model", "region", "status", "firmware"};
constexpr std::array<int, 5> kDistinct{1000, 200, 20, 5, 50};

Time at(std::int64_t second) {
    return time_from_micros(1'795'255'200'000'000 + second * 1'000'000);
}

class FixedCatalogs final : public Catalogs {
public:
    model::TenantCatalogPtr find(TenantId) override { return catalog_; }

private:
    static model::TenantCatalog make() {
        std::vector<model::Attribute> attributes;
        for (const std::string_view name : kNames) {
            model::Attribute& attribute = attributes.emplace_back();
            attribute.id = AttributeId{static_cast<std::int32_t>(attributes.size())};
            attribute.name = name;
            attribute.hot = true;
        }
        return {kDefaultTenant, 1, 1, true, std::move(attributes)};
    }
    model::TenantCatalogPtr catalog_{new model::TenantCatalog(make())};
};

class NoObservations final : public Observations {
public:
    query::Answer<void> find(TenantId, std::span<Wanted>) override { return {}; }
};

// Entities whose values are drawn once; the same for every benchmark of the same size.
class Fleet {
public:
    explicit Fleet(std::int64_t entities) : entities_(entities) {
        const std::size_t before = resident();
        std::int64_t added = 0;
        while (added < entities) {
            for (int i = 0; i < 10'000 && added < entities; ++i) add(++added);
            commit();
        }
        malloc_trim(0);
        resident_ = resident() - before;
    }

    static Fleet& of(std::int64_t entities) {
        static std::map<std::int64_t, std::unique_ptr<Fleet>> fleets;
        auto& fleet = fleets[entities];
        if (!fleet) fleet = std::make_unique<Fleet>(entities);
        return *fleet;
    }

    // One entity reports: a value of it differs from the one before.
    void change() {
        const std::int64_t id =
            1 + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(entities_));
        put_state(id);
        index_.observed(kDefaultTenant, EntityId{id}, at(second_));
    }
    void commit() {
        index_.commit({.position = {.timeline = 1, .lsn = {++lsn_}}, .as_of = at(second_)});
        ++second_;
    }

    IndexReader& reader() { return reader_; }
    LiveIndex& index() { return index_; }
    std::int64_t entities() const { return entities_; }
    std::size_t resident_bytes() const { return resident_; }

    static std::string name(std::int64_t id) { return fmt::format("device-{:07}", id); }

private:
    static std::size_t resident() {
        std::size_t total = 0;
        std::size_t pages = 0;
        std::ifstream("/proc/self/statm") >> total >> pages;
        return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    }

    void add(std::int64_t id) {
        index_.put(EntityRow{.tenant = kDefaultTenant,
                             .entity = EntityId{id},
                             .external_id = name(id),
                             .type = id % 3 == 0 ? "pump" : "valve",
                             .created_at = at(0)});
        put_state(id);
        index_.observed(kDefaultTenant, EntityId{id}, at(second_));
    }

    // The first four values depend on the entity; the fifth is new each time.
    void put_state(std::int64_t id) {
        std::array<std::string, 5> jsons;
        std::array<HotValue, 5> values;
        std::array<HotInstant, 5> instants;
        std::uint64_t mixed = static_cast<std::uint64_t>(id) * 0x9E3779B97F4A7C15ULL;
        for (std::size_t i = 0; i < kNames.size(); ++i) {
            const std::uint64_t drawn = i == 4 ? random_() : mixed >> 17U;
            mixed *= 0xD1B54A32D192ED03ULL;
            jsons[i] =
                "\"v" + std::to_string(drawn % static_cast<std::uint64_t>(kDistinct[i])) + '"';
            values[i] = {.name = kNames[i],
                         .json = jsons[i],
                         .text = std::string_view(jsons[i]).substr(1, jsons[i].size() - 2)};
            instants[i] = {.name = kNames[i], .at = at(second_)};
        }
        index_.put(StateRow{.tenant = kDefaultTenant,
                            .entity = EntityId{id},
                            .updated_at = at(second_),
                            .last_day = day_of(at(second_)),
                            .values = values,
                            .instants = instants});
    }

    const std::int64_t entities_;
    test::ManualClock clock_;
    LiveIndex index_{clock_};
    FixedCatalogs catalogs_;
    NoObservations observations_;
    IndexReader reader_{index_, catalogs_, observations_};
    std::mt19937_64 random_{17};
    std::int64_t second_ = 1;
    std::uint64_t lsn_ = 0;
    std::size_t resident_ = 0;
};

query::ListRequest request(const std::string& filter, const std::string& order) {
    query::ListRequest list{.tenant = kDefaultTenant, .filter_text = filter};
    list.filter = query::parse_filter(filter).value();
    list.order = query::parse_order(order).value();
    return list;
}

void run_list(benchmark::State& state, const std::string& filter, const std::string& order) {
    Fleet& fleet = Fleet::of(state.range(0));
    auto list = request(filter, order);
    list.count = query::Count::exact;
    const auto first = fleet.reader().list(list);
    if (!first || first->total_size == 0) {
        state.SkipWithError("found nothing");
        return;
    }
    list.count = query::Count::none;
    for (auto _ : state) {
        const auto page = fleet.reader().list(list);
        if (!page || page->entities.size() != first->entities.size()) {
            state.SkipWithError("found something else");
        }
    }
    state.counters["matching"] = static_cast<double>(*first->total_size);
}

void filter_four(benchmark::State& state) {
    run_list(state,
             R"(status = "v1" AND region = ("v3" OR "v4" OR "v5") AND model != "v7" )"
             R"(AND firmware = "v*")",
             "");
}

void filter_four_rare(benchmark::State& state) {
    run_list(state,
             R"(status = "v1" AND region = "v3" AND firmware >= "v2" AND model = ("v7" OR "v8"))",
             "");
}

void list_newest(benchmark::State& state) {
    run_list(state, "", "");
}

void list_by_attribute(benchmark::State& state) {
    run_list(state, "status = \"v1\"", "site desc, model");
}

void list_by_name(benchmark::State& state) {
    run_list(state, "status = \"v1\"", "entity");
}

void facets(benchmark::State& state) {
    Fleet& fleet = Fleet::of(state.range(0));
    query::FacetsRequest request{.tenant = kDefaultTenant};
    request.filter = query::parse_filter("status != \"v1\"").value();
    for (auto _ : state) {
        const auto answer = fleet.reader().facets(request);
        if (!answer || answer->facets.size() != kNames.size() || answer->total_size == 0) {
            state.SkipWithError("counted nothing");
        }
    }
}

void get(benchmark::State& state) {
    Fleet& fleet = Fleet::of(state.range(0));
    std::mt19937_64 random(5);
    for (auto _ : state) {
        const auto id =
            1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(state.range(0)));
        const auto answer =
            fleet.reader().get({.tenant = kDefaultTenant, .entity = Fleet::name(id)});
        if (!answer || answer->entity.values.size() != kNames.size()) {
            state.SkipWithError("not found");
        }
    }
}

constexpr int kChanges = 1000;

void count_changes(benchmark::State& state) {
    state.counters["changes_per_second"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * kChanges, benchmark::Counter::kIsRate);
}

void apply(benchmark::State& state) {
    Fleet& fleet = Fleet::of(state.range(0));
    for (auto _ : state) {
        for (int i = 0; i < kChanges; ++i) fleet.change();
        fleet.commit();
    }
    if (fleet.index().usage().entities != state.range(0)) state.SkipWithError("entities changed");
    count_changes(state);
}

// The same while a reader is in all the time: what changes is copied first.
void apply_beside_reader(benchmark::State& state) {
    Fleet& fleet = Fleet::of(state.range(0));
    std::atomic<bool> done{false};
    std::thread reader([&] {
        const auto list = request("status != \"v1\"", "site");
        while (!done) benchmark::DoNotOptimize(fleet.reader().list(list));
    });
    const std::uint64_t before = fleet.index().usage().copied_bytes;
    for (auto _ : state) {
        for (int i = 0; i < kChanges; ++i) fleet.change();
        fleet.commit();
    }
    done = true;
    reader.join();
    state.counters["copied_per_change"] =
        static_cast<double>(fleet.index().usage().copied_bytes - before) /
        static_cast<double>(state.iterations() * kChanges);
    count_changes(state);
}

void memory(benchmark::State& state) {
    Fleet& fleet = Fleet::of(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(fleet.index().usage());
    const auto entities = static_cast<double>(state.range(0));
    state.counters["resident"] = static_cast<double>(fleet.resident_bytes()) / entities;
    state.counters["counted"] = static_cast<double>(fleet.index().usage().bytes) / entities;
}

constexpr std::int64_t kSmall = 100'000;
constexpr std::int64_t kLarge = 5'000'000;
BENCHMARK(memory)->Arg(kSmall)->Arg(kLarge);
BENCHMARK(filter_four)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMicrosecond);
BENCHMARK(filter_four_rare)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMicrosecond);
BENCHMARK(list_newest)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMicrosecond);
BENCHMARK(list_by_attribute)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMicrosecond);
BENCHMARK(list_by_name)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMicrosecond);
BENCHMARK(facets)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMicrosecond);
BENCHMARK(get)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMicrosecond);
BENCHMARK(apply)->Arg(kSmall)->Arg(kLarge)->Unit(benchmark::kMillisecond);
BENCHMARK(apply_beside_reader)
    ->Arg(kSmall)
    ->Arg(kLarge)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace atlas::index
