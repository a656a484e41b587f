// SPDX-License-Identifier: Apache-2.0
#include "ingest/ingester.h"

#include <algorithm>
#include <numeric>

#include "ingest/parse/line_parser.h"
#include "ingest/resolve/rehearsal.h"

namespace atlas::ingest {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kExpiryTick{50};
constexpr std::size_t kRequestOverhead = 4096;

pg::SessionSettings parser_session(pg::SessionSettings settings) {
    settings.application_name = "atlas parser";
    return settings;
}

}  // namespace

struct Ingester::Parser {
    explicit Parser(Ingester& ingester)
        : validator(ingester.catalog_, ingester.shapes_, ingester.options_.max_value_bytes),
          resolver(ingester.directory_) {}

    JsonParser json;
    Validator validator;
    EntityResolver resolver;
    std::optional<pg::Connection> connection;
    std::vector<std::uint32_t> all;
};

Ingester::Ingester(Options options, catalog::Catalog& catalog, storage::ShapeRegistry& shapes,
                   observe::Registry& registry, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      catalog_(catalog),
      metrics_(registry),
      shapes_(shapes),
      directory_(options_.directory_bytes),
      queued_bytes_(
          registry, "atlas_ingest_queued_bytes",
          "Memory of requests in flight, including those that have their response already.",
          [this] { return static_cast<double>(charged_.load()); }) {
    for (int i = 0; i < options_.writers; ++i) {
        writers_.push_back(
            std::make_unique<Writer>(options_, catalog_, shapes_, directory_, metrics_, clock_));
    }
}

Ingester::~Ingester() {
    stop();
}

void Ingester::start() {
    for (auto& writer : writers_) writer->start();
    for (int i = 0; i < options_.parsers; ++i) parsers_.emplace_back([this] { parse_loop(); });
    expirer_ = std::thread([this] { expire_loop(); });
}

void Ingester::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    queued_.notify_all();
    stopped_.notify_all();
    for (std::thread& parser : parsers_) parser.join();
    parsers_.clear();
    for (auto& writer : writers_) writer->stop();
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    stopped_.notify_all();
    if (expirer_.joinable()) expirer_.join();
}

void Ingester::submit(WriteRequest request) {
    MemoryCharge charge(charged_, request.body.size() * kCharge + kRequestOverhead);
    const auto done = std::move(request.done);
    request.done = [this, done, format = request.format,
                    dry_run = request.dry_run](WriteOutcome outcome) {
        if (!dry_run) metrics_.writes.record(format, outcome);
        done(std::move(outcome));
    };
    // A request larger than the limit is accepted when it is alone.
    const bool full =
        charge.before() > 0 && charge.before() + charge.bytes() > options_.max_queued_bytes;
    std::unique_lock lock(mutex_);
    if (full || stopping_) {
        WriteOutcome outcome;
        outcome.status = stopping_ ? WriteStatus::unavailable : WriteStatus::busy;
        outcome.detail = stopping_ ? "The server is shutting down; retry later."
                                   : "The memory limit for queued writes is reached; retry later.";
        lock.unlock();
        request.done(std::move(outcome));
        return;
    }
    auto job = std::make_shared<Job>(std::move(request));
    job->charge = std::move(charge);
    deadlines_.emplace(job->request.deadline, job);
    queue_.push_back(std::move(job));
    lock.unlock();
    queued_.notify_one();
}

std::shared_ptr<Job> Ingester::next() {
    std::unique_lock lock(mutex_);
    queued_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return nullptr;
    auto job = std::move(queue_.front());
    queue_.pop_front();
    return job;
}

void Ingester::parse_loop() {
    Parser parser(*this);
    while (const auto job = next()) {
        try {
            serve(parser, job);
        } catch (const std::exception& error) {
            metrics_.retried.report("a request failed: {}", error.what());
            job->finish(WriteStatus::unavailable, "Internal error; see the server log.");
        }
    }
}

void Ingester::serve(Parser& parser, const std::shared_ptr<Job>& job) {
    const bool readable = parse(parser, *job);
    job->charge.grow_to(job->batch.bytes());
    if (!readable) return job->finish(WriteStatus::unreadable, parser.json.fault());
    if (job->refused_as_a_whole()) return job->finish(WriteStatus::refused, {});
    if (job->batch.observations().empty()) return job->finish(WriteStatus::done, {});

    milliseconds pause{5};
    while (!job->expired(clock_.steady()) && !job->finished()) {
        auto done = connect(parser);
        if (done) done = prepare(parser, job);
        if (done) return;
        metrics_.retried.report("a lookup failed: {}", pg::describe(done.error()));
        // Also while stopping: the database may come back before the deadline.
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, milliseconds{250});
    }
    job->finish(WriteStatus::unavailable, "The database cannot be reached; retry later.");
}

pg::Expected<void> Ingester::connect(Parser& parser) {
    // A session in which ROLLBACK failed is still in its transaction.
    auto& connection = parser.connection;
    if (connection && connection->usable() && !connection->in_transaction()) return {};
    connection.reset();
    auto opened = pg::Connection::open(options_.conninfo, parser_session(options_.session));
    if (!opened) return failure(std::move(opened.error()));
    if (auto done = EntityRegistrar::prepare(*opened); !done) return done;
    connection.emplace(std::move(*opened));
    return {};
}

ParseContext Ingester::context_of(const WriteRequest& request) const {
    ParseContext context;
    context.received_at = request.received_at;
    context.latest = request.received_at + kMaxAhead;
    if (options_.oldest.count() > 0) context.oldest = request.received_at - options_.oldest;
    context.max_value_bytes = options_.max_value_bytes;
    return context;
}

bool Ingester::parse(Parser& parser, Job& job) {
    const ParseContext context = context_of(job.request);
    switch (job.request.format) {
        case Format::json: return parser.json.parse_json(job.batch, context);
        case Format::ndjson: parser.json.parse_ndjson(job.batch, context); break;
        case Format::line:
            job.outcome.set_refused_lines(parse_lines(job.batch, job.request.precision, context));
            break;
    }
    return true;
}

pg::Expected<void> Ingester::prepare(Parser& parser, const std::shared_ptr<Job>& job) {
    parser.all.resize(job->batch.observations().size());
    std::iota(parser.all.begin(), parser.all.end(), 0U);
    auto result = parser.validator.validate(*parser.connection, *job, parser.all, false);
    if (!result) return failure(result.error());
    if (!result->tenant_active) {
        job->finish(WriteStatus::tenant_inactive, {});
        return {};
    }
    if (!result->tenant_named) {
        job->finish(WriteStatus::tenant_unknown, {});
        return {};
    }
    if (job->request.dry_run) return rehearse(parser, job, std::move(*result));
    if (!job->refused_as_a_whole()) {
        job->entities_epoch = result->layouts->catalog->entities_epoch();
        const auto resolved =
            parser.resolver.resolve(*parser.connection, *job, job->entities_epoch, result->rows);
        if (!resolved) return resolved;
        job->entities.resize(job->batch.observations().size());
        for (const Row& row : result->rows) job->entities[row.observation] = row.entity;
    }
    if (job->refused_as_a_whole()) {
        job->finish(WriteStatus::refused, {});
        return {};
    }
    job->outcome.count_overwritten(result->overwritten);
    hand_out(job, std::move(*result));
    return {};
}

// A dry run: ends with the outcome that a write would have.
pg::Expected<void> Ingester::rehearse(Parser& parser, const std::shared_ptr<Job>& job,
                                      Validator::Result result) {
    if (!job->refused_as_a_whole()) {
        const auto done = rehearse_rows(*parser.connection, *job, result.rows);
        if (!done) return done;
    }
    job->outcome.count_overwritten(result.overwritten);
    job->finish(job->refused_as_a_whole() ? WriteStatus::refused : WriteStatus::done, {});
    return {};
}

void Ingester::hand_out(const std::shared_ptr<Job>& job, Validator::Result result) {
    const std::size_t writers = writers_.size();
    std::vector<std::vector<Part>> parts(writers);
    for (const Row& row : result.rows) {
        const std::size_t writer =
            job->request.atomic ? 0 : static_cast<std::size_t>(shard_of(row.entity)) % writers;
        auto& mine = parts[writer];
        const bool full = !mine.empty() && !job->request.atomic &&
                          mine.back().rows.size() >= options_.max_transaction_rows;
        if (mine.empty() || full) mine.push_back({job, result.layouts, {}});
        mine.back().rows.push_back(row);
    }
    const auto count = std::accumulate(
        parts.begin(), parts.end(), std::size_t{0},
        [](std::size_t sum, const std::vector<Part>& some) { return sum + some.size(); });
    if (count == 0) return job->finish(WriteStatus::done, {});
    job->set_parts(static_cast<int>(count));
    for (std::size_t writer = 0; writer < writers; ++writer) {
        for (Part& part : parts[writer]) writers_[writer]->push(std::move(part));
    }
}

// Responds in time, whatever the database does.
void Ingester::expire_loop() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
        clock_.wait_for(stopped_, lock, kExpiryTick, [this] { return ended_; });
        const auto now = clock_.steady();
        std::vector<std::shared_ptr<Job>> expired;
        while (!deadlines_.empty()) {
            const auto first = deadlines_.begin();
            const auto job = first->second.lock();
            if (job != nullptr && !job->finished() && !job->expired(now)) break;
            if (job != nullptr) expired.push_back(job);
            deadlines_.erase(first);
        }
        lock.unlock();
        for (const auto& job : expired) {
            job->finish(WriteStatus::unavailable,
                        "The database did not confirm the commit in time. The outcome is unknown; "
                        "retry.");
        }
        expired.clear();
        lock.lock();
    }
}

}  // namespace atlas::ingest
