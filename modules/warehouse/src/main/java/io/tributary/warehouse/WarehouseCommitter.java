package io.tributary.warehouse;

import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.flow.LastingException;
import io.tributary.flow.Outage;
import io.tributary.flow.TableCommits;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * Publishes checkpoints: for each mirror, one transaction takes its row of the ledger, looks at the fences, applies what is
 * staged and moves the fences. The fences decide: what they cover is there already, by this job or another, and is left
 * alone. A mirror that is fresh enough only gets it noted that the rows are staged for good, and the rows later.
 */
final class WarehouseCommitter implements Committer<WarehouseCommittable> {
    private final Mirrors mirrors;
    private final MirrorTransaction transaction;
    private final MirrorFill fill;
    private final MirrorProof proof;
    private final LaterApplier later;
    private final TableCommits commits = new TableCommits("warehouse-commit");

    WarehouseCommitter(Mirrors mirrors) {
        this.mirrors = mirrors;
        this.transaction = new MirrorTransaction(mirrors);
        this.fill = new MirrorFill(mirrors);
        this.proof = new MirrorProof(mirrors);
        this.later = new LaterApplier(mirrors, transaction);
        later.start();
    }

    @Override
    public void commit(Collection<CommitRequest<WarehouseCommittable>> requests)
            throws IOException, InterruptedException {
        List<CommitRequest<WarehouseCommittable>> inOrder = new ArrayList<>(requests);
        inOrder.sort(
                Comparator.comparingLong(request -> request.getCommittable().checkpointId()));
        for (CommitRequest<WarehouseCommittable> request : inOrder) {
            commit(request.getCommittable());
        }
    }

    void commit(WarehouseCommittable committable) throws IOException, InterruptedException {
        Map<TableName, List<StagedRows>> byMirror = committable.tables().stream()
                .collect(Collectors.groupingBy(StagedRows::mirror, LinkedHashMap::new, Collectors.toList()));
        IOException refused = later.refused();
        if (refused != null) {
            throw new SuppressRestartsException(refused);
        }
        commits.all(byMirror, this::untilDone);
        Map<TableName, List<WarehouseCommittable.Passed>> passed = committable.passed().stream()
                .filter(each -> mirrors.settings().hasMirror(each.source()))
                .collect(Collectors.groupingBy(this::mirrorOf));
        commits.all(passed, this::untilProven);
        mirrors.steps().reached("", WarehouseStep.COMMITTED);
    }

    private TableName mirrorOf(WarehouseCommittable.Passed passed) {
        return new Mirror(mirrors.dialect(), mirrors.settings(), mirrors.ledger(), passed.source()).name();
    }

    /** Looks whether a mirror that gets nothing has what it must have; if not, it is marked. */
    private void untilProven(TableName mirror, List<WarehouseCommittable.Passed> passed)
            throws IOException, InterruptedException {
        MirrorProgress told = mirrors.of(mirror);
        Map<SourcePartition, OffsetRange> offsets = new TreeMap<>();
        passed.forEach(each -> StagedRows.Place.addTo(offsets, each.places()));
        String lost = passed.get(0).lost();
        TableName source = passed.get(0).source();
        String what = "read the ledger at " + mirrors.settings().place();
        boolean unused = mirrors.outage().until(what, told.waiting, mirrors.session()::drop, () -> {
            try {
                mirrors.ledger().create(mirrors.session().connection());
                proof.prove(mirror, source, told, offsets, lost);
            } catch (SQLException e) {
                if (!mirrors.isLedgerMade(e)) {
                    throw e;
                }
                proof.prove(mirror, source, told, offsets, lost);
            }
            return true;
        });
    }

    private void untilDone(TableName mirror, List<StagedRows> parts) throws IOException, InterruptedException {
        MirrorProgress told = mirrors.of(mirror);
        boolean[] isRefused = new boolean[1];
        Outage.Attempt<Boolean> publishing = () -> {
            // here, where it costs nothing: the warehouse would let one of two wait, or refuse it
            told.turn.lockInterruptibly();
            told.waiting.begins();
            try {
                List<StagedRows> wholes =
                        parts.stream().filter(part -> part.whole() != null).toList();
                List<StagedRows> changes =
                        parts.stream().filter(part -> part.whole() == null).toList();
                if (wholes.isEmpty() || isRefused[0] || !fill.isFilled(mirror, changes, wholes, told)) {
                    if (wholes.stream().anyMatch(part -> !part.letsGo().isEmpty())) {
                        try {
                            fill.notFilled(mirror, parts, told);
                        } catch (SQLException e) {
                            if (!mirrors.isLedgerMade(e)) {
                                throw e;
                            }
                            fill.notFilled(mirror, parts, told);
                        }
                    } else if (!changes.isEmpty()) {
                        transaction.publish(
                                mirror,
                                changes,
                                told,
                                told.aside == null ? MirrorTransaction.When.DUE : MirrorTransaction.When.NEVER);
                    }
                }
            } finally {
                told.turn.unlock();
            }
            return true;
        };
        try {
            boolean unused = mirrors.outage()
                    .until(
                            mirrors.bringing(),
                            told.waiting,
                            mirrors.session()::drop,
                            mirrors.dialect()::isLasting,
                            publishing);
        } catch (LastingException e) {
            isRefused[0] = true; // its rows are not to be had so: what changed is not to wait for that
            if (told.aside == null) {
                mirrors.setAside(mirror, parts.get(0).source(), told, String.valueOf(e.getMessage()));
            }
            boolean unused =
                    mirrors.outage().until(mirrors.bringing(), told.waiting, mirrors.session()::drop, publishing);
        }
    }

    @Override
    public void close() {
        later.close();
        mirrors.outage().close();
        commits.close();
        boolean hasEnded = false;
        try {
            hasEnded = later.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        mirrors.close(hasEnded && commits.haveEnded());
    }
}
