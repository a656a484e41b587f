// SPDX-License-Identifier: Apache-2.0
//
// From the batch to the store, and what the store says of itself.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "analytics/loader.h"
#include "base/give_way.h"

namespace atlas::analytics {
namespace {

using Remedy = stream::Error::Remedy;

// Notes of the store.
constexpr std::string_view kSystem = "system";      // of the database that it follows
constexpr std::string_view kUnplaced = "unplaced";  // of kCompareNote
constexpr std::string_view kPart = "part";  // "1 0/16B3748 5000": transaction and its changes

stream::Error to_stream_error(const StoreError& error) {
    const bool damaged = error.kind == StoreError::Kind::damaged;
    return {.remedy = damaged ? Remedy::rebuild : Remedy::retry,
            .message = fmt::format("the analytics store: {}", error.message)};
}

}  // namespace

Loader::Loader(AnalyticsStore& store, LoaderSource& source, InitialCopyPlan& plan,
               InitialCopy& copy, observe::Registry& registry, const Clock& clock,
               LoaderOptions options)
    : store_(store),
      source_(source),
      plan_(plan),
      copy_(copy),
      clock_(clock),
      options_(options),
      points_(registry, "atlas_analytics_points_total",
              "Data points that the log brought to the analytics store."),
      batches_(registry, "atlas_analytics_batches_total",
               "Batches of the log applied to the analytics store."),
      apply_seconds_(registry, "atlas_analytics_apply_duration_seconds",
                     "Time to apply a batch to the analytics store."),
      failures_(registry, "atlas_analytics_failures_total",
                "Batches that the analytics store did not take.") {
}

Loader::~Loader() {
    stop();
}

StoreExpected<void> Loader::open() {
    stop();
    if (auto read = read_state(); !read) {
        if (read.error().kind != StoreError::Kind::unavailable) return read;
        note_failure(read.error());
    }
    stopping_ = false;
    thread_ = std::thread([this] { apply_batches(); });
    return {};
}

void Loader::stop() {
    plan_.stop();
    copy_.stop();
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

StoreExpected<void> Loader::read_state() {
    const auto state = store_.state();
    if (!state) return failure(state.error());
    std::string system;
    part_.reset();
    replace_until_ = {};
    bool comparing = false;
    bool placed = true;
    for (const Note& note : state->notes) {
        if (note.name == kSystem) system = *note.text;
        if (note.name == kCompareNote) {
            comparing = true;
            placed = note.text != kUnplaced;
        }
        if (note.name == kReplaceNote) {
            replace_until_ = stream::parse_position(*note.text).value_or(stream::Position{});
        }
        if (note.name != kPart) continue;
        const std::string_view text = *note.text;
        const auto blank = text.rfind(' ');
        const auto commit = stream::parse_position(text.substr(0, blank));
        Part part;
        const auto parsed =
            std::from_chars(text.data() + blank + 1, text.data() + text.size(), part.changes);
        if (!commit || parsed.ec != std::errc()) {
            return failure(
                StoreError{.kind = StoreError::Kind::damaged, .message = "its notes are damaged"});
        }
        part.commit = *commit;
        part_ = part;
    }
    const bool new_store = !state->until;
    if (new_store) {
        plan_.reset();
    } else if (!plan_.restore(state->notes)) {
        return failure(StoreError{.kind = StoreError::Kind::damaged,
                                  .message = "it does not say how far its copy is"});
    }
    seen_ = closed_ = state->until.value_or(stream::Position{});
    seen_committed_at_ = state->committed_at;
    comparing_ = comparing;
    note_reach();
    const std::scoped_lock lock(mutex_);
    stored_until_ = placed ? state->until : std::nullopt;
    idle_until_.reset();
    system_id_ = std::move(system);
    failure_.reset();
    known_ = true;
    return {};
}

// A store that takes nothing is said once, until it takes something again.
void Loader::note_failure(const StoreError& error) {
    if (error.kind == StoreError::Kind::damaged) return;  // it starts over
    bool first = false;
    {
        const std::scoped_lock lock(mutex_);
        first = last_failure_.empty();
        last_failure_ = error.message;
    }
    if (first) {
        observe::log_error(
            "analytics: the store takes nothing, which is tried again until it does; the log "
            "waits, and everything else works: {}",
            error.message);
    }
}

void Loader::note_success() {
    {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(last_failure_, {}).empty()) return;
    }
    observe::log_info("analytics: the store works again");
}

// Without what the store holds nobody can tell where its log goes on.
stream::Expected<void> Loader::ready() {
    {
        const std::scoped_lock lock(mutex_);
        if (known_) return {};
    }
    if (auto read = read_state(); !read) return failure(of_store(read.error()));
    note_success();
    return {};
}

std::optional<stream::Checkpoint> Loader::checkpoint() const {
    const auto safe = plan_.safe();
    const std::scoped_lock lock(mutex_);
    if (!stored_until_) return std::nullopt;
    stream::Checkpoint checkpoint{
        .system_id = system_id_,
        .position = safe ? std::min(*safe, *stored_until_) : *stored_until_,
        .reach = reach_};
    // What a copy has read may be of any time.
    if (!plan_.complete()) {
        checkpoint.reach = {.timeline = stored_until_->timeline, .lsn = Lsn{UINT64_MAX}};
    }
    return checkpoint;
}

// What of later commits is in the store: a part of a transaction, and what a repair read.
void Loader::note_reach() {
    stream::Position reach = replace_until_;
    if (part_) {
        stream::Position after = part_->commit;
        ++after.lsn.value;
        reach = std::max(reach, after);
    }
    const std::scoped_lock lock(mutex_);
    reach_ = reach;
}

std::optional<stream::Checkpoint> Loader::applied() const {
    const std::scoped_lock lock(mutex_);
    if (!stored_until_) return std::nullopt;
    const stream::Position position =
        idle_until_ && !busy_ ? std::max(*idle_until_, *stored_until_) : *stored_until_;
    return stream::Checkpoint{.system_id = system_id_, .position = position};
}

stream::Expected<void> Loader::resume(const stream::Session& session) {
    give_way(options_.niceness);
    copy_.stop();
    await_store();
    discard();
    rows_.forget();
    small_ = LoaderDimensions();
    if (auto read = read_state(); !read) return failure(of_store(read.error()));
    if (session.from.timeline != seen_.timeline) follow_timeline(session.from.timeline);
    if (shapes_.size() == 0) {
        if (auto done = source_.all_shapes(shapes_); !done) return done;
    }
    if (!plan_.exists()) {
        if (auto begun = begin_copy(session); !begun) return begun;
    }
    if (comparing_) {
        if (auto placed = place(session); !placed) return placed;
    }
    if (!plan_.complete()) copy_.start();
    position_due_ = clock_.steady() + options_.interval;
    return {};
}

// The server was promoted, and what the store holds is part of its history, or is compared with it.
// Shapes of the other timeline may have been lost, and their numbers given again.
void Loader::follow_timeline(std::int64_t timeline) {
    if (seen_.timeline != 0) promoted_ = true;
    seen_.timeline = closed_.timeline = timeline;
    if (part_) part_->commit.timeline = timeline;
    if (replace_until_ != stream::Position{}) replace_until_.timeline = timeline;
    shapes_ = LoaderShapes();
}

// A batch that the reader's thread stores by itself, while nothing else does.
stream::Expected<void> Loader::store_alone(const Batch& batch) {
    const auto applied = store_.apply(batch);
    if (!applied) return failure(of_store(applied.error()));
    const std::scoped_lock lock(mutex_);
    stored_until_ = batch.until;
    return {};
}

stream::Expected<void> Loader::begin_copy(const stream::Session& session) {
    auto parts = copy_.list_parts();
    if (!parts) return failure(parts.error());
    observe::log_info("analytics: initial copy of {} parts begins", parts->size());
    Batch batch;
    batch.notes = plan_.create(std::move(*parts), session.from);
    batch.notes.push_back({.name = std::string(kSystem), .text = session.system_id});
    batch.until = session.from;
    if (auto stored = store_alone(batch); !stored) {
        plan_.reset();
        return stored;
    }
    seen_ = closed_ = session.from;
    const std::scoped_lock lock(mutex_);
    system_id_ = session.system_id;
    return {};
}

// Where the log begins is the store's place from now on, unless it has one.
stream::Expected<void> Loader::place(const stream::Session& session) {
    {
        const std::scoped_lock lock(mutex_);
        if (stored_until_) return {};
    }
    Batch batch;
    batch.notes = {{.name = std::string(kCompareNote), .text = "running"}};
    batch.until = session.from;
    batch.committed_at = seen_committed_at_;
    if (auto stored = store_alone(batch); !stored) return stored;
    seen_ = closed_ = session.from;
    return {};
}

stream::Expected<void> Loader::carry_over() {
    if (!plan_.complete()) return start_over();
    await_store();
    discard();
    Batch batch;
    batch.notes = {{.name = std::string(kCompareNote), .text = std::string(kUnplaced)},
                   {.name = std::string(kPart), .text = std::nullopt},
                   {.name = std::string(kReplaceNote), .text = std::nullopt}};
    if (auto stored = store_alone(batch); !stored) return stored;
    if (auto read = read_state(); !read) return failure(of_store(read.error()));
    return {};
}

stream::Expected<void> Loader::start_over() {
    plan_.stop();
    copy_.stop();
    await_store();
    discard();
    const auto cleared = store_.clear();
    if (!cleared) {
        note_failure(cleared.error());
        return failure(to_stream_error(cleared.error()));
    }
    shapes_ = LoaderShapes();
    rebuild_ = false;
    if (auto read = read_state(); !read) return failure(of_store(read.error()));
    return {};
}

Loader::Status Loader::status() const {
    Status status{.points_per_second = point_rate_.per_second(), .rebuild = rebuild_};
    if (!plan_.complete()) status.copy = plan_.progress();
    status.comparing = comparing_;
    const std::scoped_lock lock(mutex_);
    status.failure = last_failure_;
    return status;
}

// Drops what was collected: it comes again.
void Loader::discard() {
    filling_.clear();
    missing_.clear();
    in_transaction_ = false;
    changes_ = 0;
    changes_stored_ = 0;
    running_.reset();
}

bool Loader::failing() const {
    const std::scoped_lock lock(mutex_);
    return !last_failure_.empty();
}

bool Loader::store_idle() const {
    const std::scoped_lock lock(mutex_);
    return !busy_;
}

void Loader::await_store() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !busy_; });
}

stream::Error Loader::fail(Remedy remedy, std::string message) {
    if (remedy == Remedy::rebuild && !rebuild_.exchange(true)) {
        observe::log_error("analytics: the store starts over from the database: {}", message);
        if (options_.request_rebuild) options_.request_rebuild();
    }
    return {.remedy = remedy, .message = std::move(message)};
}

stream::Expected<void> Loader::check_failure() {
    std::optional<StoreError> failed;
    {
        const std::scoped_lock lock(mutex_);
        failed = failure_;
    }
    if (!failed) return {};
    return failure(of_store(*failed));
}

stream::Error Loader::of_store(const StoreError& error) {
    note_failure(error);
    stream::Error found = to_stream_error(error);
    return fail(found.remedy, std::move(found.message));
}

stream::Expected<void> Loader::close_if_due() {
    if (repair_wanted_) serve_repair();
    if (auto ok = check_failure(); !ok) return ok;
    const auto now = clock_.steady();
    if (filling_.empty()) {
        filling_since_ = now;
        // What failed is tried with nothing but the position.
        if (now < position_due_ || (seen_ <= closed_ && !failing())) return {};
    } else if (!filling_.full() && now < filling_since_ + options_.interval) {
        return {};
    }
    return filling_.full() || store_idle() ? close() : stream::Expected<void>{};
}

// Hands the batch over to the other thread; waits for it when it is not done with the one before.
stream::Expected<void> Loader::close() {
    if (auto done = fetch_missing(); !done) return done;
    await_store();
    if (auto ok = check_failure(); !ok) return ok;
    Batch& batch = filling_.batch();
    batch.until = seen_;
    batch.committed_at = seen_committed_at_;
    batch.notes = notes_of_part();
    if (replace_until_ != stream::Position{} && seen_ >= replace_until_) {
        batch.notes.push_back({.name = std::string(kReplaceNote), .text = std::nullopt});
        replace_until_ = {};
    }
    if (!plan_.complete()) {
        for (Note& note : plan_.finish(seen_)) batch.notes.push_back(std::move(note));
    }
    closed_ = seen_;
    filling_since_ = clock_.steady();
    // An initial copy ends as soon as the log is past it.
    position_due_ =
        filling_since_ + (plan_.complete() ? options_.position_interval : options_.interval);
    {
        const std::scoped_lock lock(mutex_);
        std::swap(filling_, applying_);
        busy_ = true;
        idle_until_.reset();
    }
    note_reach();
    wake_.notify_all();
    return {};
}

std::vector<Note> Loader::notes_of_part() {
    if (!in_transaction_) {
        if (!part_ || part_->commit >= seen_) return {};
        part_.reset();
        return {{.name = std::string(kPart), .text = std::nullopt}};
    }
    part_ = Part{.commit = transaction_.commit, .changes = changes_};
    return {{.name = std::string(kPart),
             .text = fmt::format("{} {}", stream::to_string(part_->commit), part_->changes)}};
}

void Loader::apply_batches() {
    give_way(options_.niceness);
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return busy_ || stopping_; });
        if (stopping_) break;
        lock.unlock();
        apply(applying_);
        lock.lock();
        busy_ = false;
        wake_.notify_all();
    }
    busy_ = false;
    wake_.notify_all();
}

void Loader::apply(LoaderBatch& batch) {
    const auto begun = clock_.steady();
    const Batch& rows = batch.finish();
    const auto applied = store_.apply(rows);
    if (applied) {
        apply_seconds_.observe(clock_.steady() - begun);
        batches_.add();
        if (rows.until) points_.add(rows.points.size());
        point_rate_.add(rows.points.size());
        note_success();
        if (std::ranges::find(rows.notes, Note{std::string(kCompareNote), std::nullopt}) !=
            rows.notes.end()) {
            comparing_ = false;
            observe::log_info("analytics: the store is as the database again");
        }
        if (InitialCopyPlan::is_finish(rows.notes)) {
            plan_.finished();
            observe::log_info("analytics: the initial copy is complete");
        }
    } else {
        failures_.add();
        note_failure(applied.error());
    }
    {
        const std::scoped_lock lock(mutex_);
        if (repairing_ && repairing_->applying && !repairing_->outcome) {
            repairing_->outcome =
                applied ? stream::Expected<void>{} : failure(to_stream_error(applied.error()));
        }
        if (applied) {
            if (rows.until) stored_until_ = rows.until;
        } else {
            failure_ = applied.error();
            idle_until_.reset();
        }
    }
    batch.clear();
}

}  // namespace atlas::analytics
