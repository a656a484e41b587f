// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/duck_store.h"

#include <algorithm>
#include <utility>

#include "analytics/duckdb/error.h"
#include "analytics/duckdb/reading.h"
#include "analytics/duckdb/statements.h"
#include "observe/log.h"

namespace atlas::analytics::duckdb {

namespace {

bool has_points(const std::vector<stream::Table>& tables) {
    return std::ranges::find(tables, stream::Table::observations) != tables.end();
}

StoreError unavailable(std::string message) {
    return {.kind = StoreError::Kind::unavailable, .message = std::move(message)};
}

}  // namespace

StoreExpected<std::unique_ptr<DuckStore>> DuckStore::open(const StoreOptions& options,
                                                          const Clock& clock) {
    std::unique_ptr<DuckStore> store(new DuckStore(options, clock));
    if (auto opened = store->open_file(); !opened) {
        return failure(store->explain(std::move(opened.error())));
    }
    return store;
}

std::unique_ptr<DuckStore> DuckStore::open_later(const StoreOptions& options, const Clock& clock) {
    std::unique_ptr<DuckStore> store(new DuckStore(options, clock));
    store->broken_ = true;
    return store;
}

DuckStore::~DuckStore() {
    stop();
}

StoreExpected<void> DuckStore::open_file() {
    StoreExpected<StoreFile> file = open_store_file(options_.path, options_.database);
    if (!file) return failure(file.error());
    if (!file->replaced.empty()) {
        observe::log_error(
            "the analytics store {} is replaced by an empty one, which is filled "
            "from the database: {}",
            options_.path.string(), file->replaced);
    }
    const std::scoped_lock lock(file_mutex_);
    // Of the first one no loader knows what was in it.
    if (!file->replaced.empty()) replaced_ = opened_.load();
    file_.emplace(*std::move(file));
    writer_.emplace(file_->writer);
    if (auto loaded = writer_->load(); !loaded) return loaded;
    broken_ = false;
    opened_ = true;
    return {};
}

// Under both locks, so nothing but questions uses the file.
StoreExpected<void> DuckStore::open_again() {
    {
        const std::scoped_lock lock(file_mutex_);
        if (file_) closing_ = file_->database.handle();
        writer_.reset();
        file_.reset();
    }
    // Looked for again and again: the last question's connection closes the file, and tells nobody.
    const auto until = std::chrono::steady_clock::now() + options_.closing_patience;
    while (!closing_.expired()) {
        if (std::chrono::steady_clock::now() > until) {
            return failure(
                unavailable("the analytics store has to be opened again, and questions "
                            "still read it"));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    if (damaged_ && !options_.path.empty()) {
        auto aside = set_aside(options_.path);
        if (!aside) return failure(aside.error());
        observe::log_error(
            "the analytics store {} is damaged; it is kept as {}, and an empty one "
            "is filled from the database",
            options_.path.string(), aside->filename().string());
        damaged_ = false;
        replaced_ = opened_.load();
    }
    return open_file();
}

// `alone`: not beside a step of upkeep.
template <class Body>
StoreExpected<void> DuckStore::write(bool alone, Body body) {
    std::unique_lock upkeep(upkeep_, std::defer_lock);
    if (alone || broken_) upkeep.lock();
    const std::scoped_lock turn(turn_);
    if (broken_) {
        if (!upkeep.owns_lock()) {
            return failure(unavailable("the analytics store has to be opened again"));
        }
        if (auto opened = open_again(); !opened) return failure(explain(std::move(opened.error())));
    }
    StoreExpected<void> done = body(*writer_);
    if (done) return done;
    note(done.error());
    // What a failed commit left behind is in the file, not in memory.
    if (!broken_ && !writer_->load()) broken_ = true;
    return failure(explain(std::move(done.error())));
}

template <class Step>
auto DuckStore::step(Step body) -> decltype(body(std::declval<Upkeep>())) {
    const std::scoped_lock upkeep(upkeep_);
    StoreExpected<Connection> connection = connect();
    if (!connection) return failure(connection.error());
    const auto publish = [&](Connection* running) {
        const std::scoped_lock lock(file_mutex_);
        upkeeping_ = running;
    };
    publish(&*connection);
    auto done = body(Upkeep{.connection = *connection, .writer = *writer_, .turn = turn_});
    publish(nullptr);
    if (!done) note(done.error());
    return done;
}

void DuckStore::note(const StoreError& error) {
    if (error.kind == StoreError::Kind::damaged) {
        damaged_ = true;
    } else if (!wants_reopening(error)) {
        return;
    }
    if (!broken_.exchange(true) && !said_.exchange(true)) {
        observe::log_error("the analytics store {} is opened again: {}", options_.path.string(),
                           error.message);
    }
}

StoreExpected<StoreState> DuckStore::state() {
    StoreState state;
    auto read = write(false, [&](Writer& writer) {
        return writer.state().map([&](StoreState found) { state = std::move(found); });
    });
    if (!read) return failure(read.error());
    return state;
}

// A commit may fail after it became durable (the checkpoint that follows it did), so after an error
// the file says whether the batch is in it: at once, or when the batch comes again.
StoreExpected<void> DuckStore::apply(const Batch& batch) {
    const std::scoped_lock writers(writers_);
    std::optional<std::int64_t> before;
    StoreExpected<void> done =
        write(!batch.cleared.empty() || has_points(batch.truncated),
              [&](Writer& writer) -> StoreExpected<void> {
                  if (replaced_) return {};
                  const auto unknown = std::exchange(unknown_, std::nullopt);
                  if (unknown && batch.until && unknown->until == batch.until &&
                      writer.batch() == unknown->number) {
                      return {};
                  }
                  before = writer.batch();
                  return writer.apply(batch);
              });
    bool holds = done.has_value();
    if (!done && before) {
        const StoreExpected<void> known = write(false, [&](Writer& writer) -> StoreExpected<void> {
            holds = writer.batch() == *before + 1;
            return {};
        });
        holds = holds && known;
        if (!known) unknown_ = {.number = *before + 1, .until = batch.until};
    }
    if (replaced_) {
        return failure(StoreError{.kind = StoreError::Kind::damaged,
                                  .message = "the analytics store was replaced by an empty one"});
    }
    if (!holds) return done;
    said_ = false;
    return {};
}

StoreExpected<void> DuckStore::clear() {
    return write(true,
                 [&](Writer& writer) { return writer.clear().map([&] { replaced_ = false; }); });
}

StoreExpected<void> DuckStore::forget_before(Day day) {
    const std::scoped_lock writers(writers_);
    return write(true, [&](Writer& writer) { return writer.forget_before(day); });
}

StoreExpected<Connection> DuckStore::connect() {
    const std::scoped_lock lock(file_mutex_);
    if (broken_ || !file_) {
        return failure(unavailable("the analytics store has to be opened again"));
    }
    return file_->database.connect();
}

StoreExpected<void> DuckStore::read_points(const TimeRange& range,
                                           const std::function<bool(const Points&)>& use) {
    auto connection = connect();
    if (!connection) return failure(connection.error());
    auto done = duckdb::read_points(*connection, range, use);
    if (!done) suspect(done.error());
    return done;
}

StoreExpected<void> DuckStore::read_rows(stream::Table table, const KeyRange& range,
                                         const std::function<void(const DimensionRow&)>& use) {
    auto connection = connect();
    if (!connection) return failure(connection.error());
    auto done = duckdb::read_rows(*connection, table, range, use);
    if (!done) suspect(done.error());
    return done;
}

void DuckStore::suspect(const StoreError& error) {
    note(error);
}

StoreExpected<std::size_t> DuckStore::aggregate_hours() {
    const Time until = clock_.system() - options_.hour_closes_after;
    return step([&](Upkeep upkeep) {
        return duckdb::aggregate_hours(upkeep, hour_of(to_micros(until)),
                                       options_.min_points_per_aggregate);
    });
}

StoreExpected<std::int64_t> DuckStore::settle_days() {
    const Time until = clock_.system() - options_.day_closes_after;
    return step([&](Upkeep upkeep) {
        return duckdb::settle_days(upkeep, day_number(to_micros(until)),
                                   options_.min_settled_points, options_.min_sparse_days);
    });
}

StoreExpected<void> DuckStore::compact() {
    while (true) {
        auto points = settle_days();
        if (!points) return failure(points.error());
        if (*points == 0) break;
    }
    while (true) {
        auto hours = aggregate_hours();
        if (!hours) return failure(hours.error());
        if (*hours == 0) return {};
    }
}

StoreExpected<void> DuckStore::checkpoint() {
    return write(true, [&](Writer&) { return file_->writer.execute("CHECKPOINT"); });
}

void DuckStore::start() {
    thread_ = std::jthread([this](const std::stop_token& end) { keep_up(end); });
}

void DuckStore::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    {
        const std::scoped_lock lock(file_mutex_);
        if (upkeeping_ != nullptr) upkeeping_->interrupt();
    }
    thread_.join();
}

// After a step that did something it rests for as long as that took, so that batches and questions
// have the processors half of the time.
void DuckStore::keep_up(const std::stop_token& end) {
    while (!end.stop_requested()) {
        const auto began = std::chrono::steady_clock::now();
        const bool more = upkeep();
        std::chrono::steady_clock::duration rest = options_.upkeep_interval;
        if (more) rest = std::min(rest, std::chrono::steady_clock::now() - began);
        std::unique_lock lock(sleep_mutex_);
        sleep_.wait_for(lock, end, rest, [] { return false; });
    }
}

// One day and the hours of one. Whether there may be more to do.
bool DuckStore::upkeep() {
    if (broken_) return false;  // a batch opens it
    bool failed = false;
    const auto report = [&](std::string_view what, const StoreError& error) {
        if (error.kind == StoreError::Kind::cancelled) return;
        failed = true;
        if (upkeep_failed_) return;
        observe::log_warning("the analytics store could not {}, and tries again: {}", what,
                             explain(error).message);
    };
    const auto settled = settle_days();
    if (!settled) report("settle days", settled.error());
    const auto hours = aggregate_hours();
    if (!hours) report("aggregate hours", hours.error());
    upkeep_failed_ = failed;
    return settled.value_or(0) > 0 || hours.value_or(0) > 0;
}

}  // namespace atlas::analytics::duckdb
