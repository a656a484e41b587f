// SPDX-License-Identifier: Apache-2.0
//
// One tenant of the live index: rows of entities in columns, in versions.
//
//     LiveIndex: put() … commit() → [Tenant] → pin() → View → filters, orders, projections
//
// A transaction becomes a new version. Where a reader is in, what the transaction changes is copied
// first; otherwise the gate, which readers pass to get in, stays closed while it is changed in
// place (live_index_bench.cc measures both).
//
// A row that is removed is used again for another entity; one that is retired stays, as an update
// of its state may not repeat its values.
//
// Lifetime   shared by the index and its views.
// Threading  pin(), missed(), left_out(), shown(), last_read(), entities(), bytes(): any thread.
//            The rest: the writer.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "index/live_index.h"
#include "index/names.h"

namespace atlas::index {

// The attributes of a version, in the order in which jsonb has its members.
class Table {
public:
    explicit Table(std::vector<std::shared_ptr<const ColumnView>> columns)
        : columns_(std::move(columns)) {}
    const std::vector<std::shared_ptr<const ColumnView>>& columns() const { return columns_; }
    const ColumnView* find(std::string_view name) const;  // nullptr: no entity has it

private:
    std::vector<std::shared_ptr<const ColumnView>> columns_;
};

// What is known of a row.
enum Flag : std::uint8_t {
    kHasEntity = 1,      // a row of entities
    kHasState = 2,       // a row of entity_jsonb
    kEntityRetired = 4,  // is_deleted of either
    kStateRetired = 8,
};
inline constexpr std::uint8_t kListed = kHasEntity | kHasState;

// The instant of an entity's newest observation, or that it never reported, or the day of it. Of a
// day it may be known that history has nothing, or the newest one that was seen: the one that is
// sought is not earlier.
class Newest {
public:
    static constexpr std::int64_t kNone = kAbsent;
    static constexpr std::int64_t on(Day day) {
        return kAbsent + 1 + kDays + day.time_since_epoch().count();
    }
    static constexpr std::int64_t at(Time time) { return std::max(to_micros(time), kBegin); }
    static constexpr std::int64_t nothing_on(Day day) { return on(day) + 2 * kDays; }
    // `seen` is an observation of the newest one's day.
    static constexpr std::int64_t not_before(Time seen) {
        return at(seen) < kEnd ? at(seen) - kShift : on(day_of(seen));
    }

    explicit constexpr Newest(std::int64_t bits) : bits_(bits) {}
    constexpr bool none() const { return bits_ == kNone; }
    constexpr bool known() const { return bits_ >= kBegin; }
    constexpr Time time() const { return time_from_micros(bits_); }  // known
    // Only the database knows.
    constexpr bool unknown() const { return !none() && !known() && !nothing(); }
    // Of one that is unknown.
    constexpr std::optional<Time> seen() const {
        if (known() || bits_ <= kAbsent + 4 * kDays) return std::nullopt;
        return time_from_micros(bits_ + kShift);
    }
    constexpr Day day() const {
        if (known()) return day_of(time());
        if (const auto one = seen()) return day_of(*one);
        const std::int64_t number = bits_ - kAbsent - 1 - kDays;
        return Day{std::chrono::days{nothing() ? number - 2 * kDays : number}};
    }

private:
    constexpr bool nothing() const {
        return bits_ > kAbsent + 2 * kDays && bits_ <= kAbsent + 4 * kDays;
    }

    // More than there are dates, before and after 1970.
    static constexpr std::int64_t kDays = std::int64_t{1} << 32U;
    // Before every timestamptz, in microseconds; what is seen lies below it, until the year
    // 246,000.
    static constexpr std::int64_t kBegin = -(std::int64_t{1} << 58U);
    static constexpr std::int64_t kShift = std::int64_t{7} << 60U;
    static constexpr std::int64_t kEnd = kShift + kBegin;
    std::int64_t bits_;
};

// What every row has besides its attributes.
struct Rows {
    explicit Rows(Bytes& bytes);
    void extend(std::size_t rows, Write& write);
    void prefetch(std::size_t row) const;

    VersionedArray<std::uint8_t, kBlockRows> flags;  // of Flag
    Plain updated;
    Plain created;
    VersionedArray<std::int64_t, kSmallBlockRows> ids;
    VersionedArray<std::int64_t, kSmallBlockRows, Newest::kNone> newest;  // as Newest has it
    Names names;
};

// What a reader that gets in now sees.
struct Version {
    std::uint64_t number = 0;
    std::size_t rows = 0;
    std::int64_t listed = 0;
    Applied end;  // of its last transaction
    std::shared_ptr<const Table> table;
    std::shared_ptr<const ColumnView> types;  // of entities
};

class Tenant;

// A pinned version: what it shows stays as it is.
class View {
public:
    View(std::shared_ptr<const Tenant> tenant, Version version)
        : tenant_(std::move(tenant)), version_(std::move(version)) {}
    ~View();
    View(View&&) = default;
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    View& operator=(View&&) = delete;

    std::uint64_t number() const { return version_.number; }
    std::size_t rows() const { return version_.rows; }
    std::size_t blocks() const { return (version_.rows + kBlockRows - 1) / kBlockRows; }
    std::size_t rows_in(std::size_t block) const {
        return std::min(kBlockRows, version_.rows - block * kBlockRows);
    }
    std::int64_t listed() const { return version_.listed; }
    const Applied& end() const { return version_.end; }
    const Table& table() const { return *version_.table; }
    const ColumnView& types() const { return *version_.types; }

    std::uint8_t flags(Row row) const { return columns().flags.at(row, number()); }
    EntityId id(Row row) const { return EntityId{columns().ids.at(row, number())}; }
    std::int64_t updated(Row row) const { return columns().updated.at(row, number()); }
    std::int64_t created(Row row) const { return columns().created.at(row, number()); }
    Newest newest(Row row) const { return Newest(columns().newest.at(row, number())); }
    std::string_view name(Row row) const { return columns().names.at(row, number()); }
    std::string_view type(Row row) const;
    // The row of an entity that has a row of entities.
    std::optional<Row> find(std::string_view external_id) const;

    const Rows& columns() const;

private:
    std::shared_ptr<const Tenant> tenant_;
    Version version_;
};

class Tenant : public std::enable_shared_from_this<Tenant> {
public:
    enum class Standing : std::uint8_t {
        shown,
        loading,   // takes changes, and is not read
        left_out,  // neither
    };

    explicit Tenant(TenantId id, Standing standing = Standing::shown);
    Tenant(const Tenant&) = delete;
    Tenant& operator=(const Tenant&) = delete;
    ~Tenant();

    View pin(Time now) const;
    TenantId id() const { return id_; }
    bool left_out() const { return standing_ == Standing::left_out; }
    bool shown() const { return standing_ == Standing::shown; }
    void show() { standing_ = Standing::shown; }
    // A read that it was not there for.
    void missed(Time now) const { last_read_.store(to_micros(now), std::memory_order_relaxed); }
    Time last_read() const { return time_from_micros(last_read_.load(std::memory_order_relaxed)); }
    std::int64_t entities() const { return entities_.load(std::memory_order_relaxed); }
    std::size_t bytes() const { return bytes_.total(); }

    void put(const EntityRow& row);
    void put(const StateRow& row);
    void observed(EntityId entity, Time at);
    void remove_entity(EntityId entity);
    void remove_state(EntityId entity);
    // The newest observation of a day, as the database had it at some time.
    void learned(EntityId entity, Newest newest);

    // What a transaction came to.
    struct Done {
        std::size_t changes = 0;
        std::size_t copied = 0;  // bytes
    };
    Done commit(const Applied& end);
    void abort();

private:
    friend class View;
    // A change that waits for its commit.
    struct Change {
        enum class Kind : std::uint8_t { entity, state, remove_entity, remove_state };
        Kind kind;
        bool retired = false;
        bool has_values = false;
        bool has_instants = false;
        Row row = 0;
        std::int64_t time = 0;  // created_at or updated_at
        std::int64_t newest = Newest::kNone;
        std::int64_t type = 0;
        std::uint32_t text = 0;  // in texts_: the external id
        std::uint32_t size = 0;
        std::uint32_t cells = 0;  // the first in cells_, and how many
        std::uint32_t cell_count = 0;
        std::uint32_t instants = 0;
        std::uint32_t instant_count = 0;
    };
    struct Cell {
        std::uint32_t column;
        std::uint32_t text;  // of a column without dictionary: JSON in texts_, then text
        std::uint32_t json_size;
        std::uint32_t text_size;
        std::int64_t bits;
    };
    struct Instant {
        std::uint32_t column;
        std::int64_t at;
    };
    struct Counts {  // of a row
        std::uint16_t values = 0;
        std::uint16_t instants = 0;
    };

    Write writing() { return {.version = published_.number + 1, .retired = retired_}; }
    auto id_at() const {
        return [this](Row row) { return rows_.ids.newest(row); };
    }
    std::optional<Row> find(EntityId entity) const {
        return entity_rows_.find(entity.value, id_at());
    }
    Row row_of(EntityId entity);
    Row new_row(Write& write);
    std::uint32_t column_of(std::string_view name, std::uint32_t guess);
    std::uint32_t find_column(std::string_view name, std::uint32_t guess);
    void touch(std::uint32_t number);
    void remove_other_values(const Change& change, Write& write);
    void remove_other_instants(const Change& change, Write& write);
    void add_cell(const HotValue& value, std::uint32_t& guess, Write& write);
    bool pending() const { return !changes_.empty() || !observed_.empty() || !learned_.empty(); }

    void prepare(Write& write);
    void apply(Write& write);
    void apply_observed(Write& write);
    void observe(Row row, Time at, Write& write);
    void learn(Row row, Newest found, Write& write);
    void apply(const Change& change, Write& write);
    void apply_entity(const Change& change, Write& write);
    void apply_state(const Change& change, Write& write);
    void apply_values(const Change& change, Write& write);
    void apply_instants(const Change& change, Write& write);
    void set_flags(Row row, std::uint8_t set, std::uint8_t cleared, Write& write);
    void set_newest(Row row, std::int64_t newest, Write& write);
    void prefetch(const Change& change) const;
    void free_rows(Write& write);
    void settle(Write& write);
    std::shared_ptr<const Table> make_table();
    void publish(const Applied& end, std::unique_lock<std::mutex>& gate);
    void forget_pending();
    void count_bytes();

    const TenantId id_;
    std::atomic<Standing> standing_;
    Bytes bytes_;
    Retired retired_{bytes_};
    Rows rows_{bytes_};
    Column types_;
    std::vector<std::unique_ptr<Column>> columns_;  // by number; nullptr: vanished
    std::unordered_map<std::string, std::uint32_t> column_numbers_;
    EntityRows entity_rows_{bytes_};
    std::size_t row_count_ = 0;
    std::size_t capacity_ = 0;  // rows for which all arrays have room
    std::vector<Row> free_;
    std::vector<Counts> counts_;
    std::int64_t listed_ = 0;
    std::size_t visible_ = 0;    // rows that readers were shown
    std::size_t counted_ = 0;    // bytes of the vectors
    bool table_changed_ = true;  // a column came or went

    // The transaction that collects.
    std::vector<Change> changes_;
    std::vector<Cell> cells_;
    std::vector<Instant> instants_;
    std::string texts_;
    std::vector<std::pair<Row, std::int64_t>> observed_;
    std::vector<std::pair<Row, Newest>> learned_;
    std::vector<Row> touched_;                    // rows that may be free afterwards
    std::vector<std::uint32_t> touched_columns_;  // each once

    mutable std::mutex gate_;
    Version published_;  // changed by the writer, under gate_
    // Readers that are in, by version; under gate_.
    mutable std::vector<std::pair<std::uint64_t, std::size_t>> readers_;
    mutable std::uint64_t pins_ = 0;
    std::uint64_t pins_before_ = 0;  // at the transaction before
    mutable std::atomic<std::int64_t> last_read_{0};
    std::atomic<std::int64_t> entities_{0};
};

}  // namespace atlas::index
