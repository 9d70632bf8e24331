package io.tributary.doctor;

import io.tributary.change.Reached;
import io.tributary.flow.ConfigException;
import io.tributary.flow.Shown;
import io.tributary.flow.UnreachableException;
import io.tributary.sink.ConfiguredSink;
import io.tributary.sink.Examination;
import io.tributary.sink.Reach;
import io.tributary.sink.SinkCounts;
import io.tributary.sink.SinkView;
import java.util.Map;

/** Looks at a sink: as it knows how, or else whether it can be read. */
record SinkCheck(ConfiguredSink sink, Positions positions, String metrics) {
    void look(Findings to) {
        SinkView view = sink.view();
        try {
            if (view != null) {
                view.examine(new Told(to));
                return;
            }
            Reach reach = sink.reach(); // its check may make what is not there
            if (reach != null) {
                to.ok("%s can be read; it has %,d tables"
                        .formatted(sink.place(), reach.tables().size()));
                positions.of(sink.table(), reach.tables(), to);
            }
        } catch (ConfigException | UnreachableException e) {
            to.wrong(Shown.message(e), "mend what it names, or the setting");
        }
    }

    private final class Told implements Examination {
        private final Findings to;

        Told(Findings to) {
            this.to = to;
        }

        @Override
        public void ok(String what) {
            to.ok(what);
        }

        @Override
        public void warning(String what, String remedy) {
            to.warning(what, remedy);
        }

        @Override
        public void warning(String what, String remedy, Fix fix) {
            to.warning(what, remedy, fix);
        }

        @Override
        public void wrong(String what, String remedy) {
            to.wrong(what, remedy);
        }

        @Override
        public void wrong(String what, String remedy, Fix fix) {
            to.wrong(what, remedy, fix);
        }

        @Override
        public void reached(String what, Map<String, Reached> reached) {
            positions.of(what, reached, to);
        }

        @Override
        public void count(SinkCounts counts) {
            try (counts) {
                new RowsCheck(positions, metrics).look(counts, to);
            }
        }
    }
}
