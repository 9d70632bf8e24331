package io.tributary.sink;

import io.tributary.flow.UnreachableException;
import java.util.List;
import java.util.Map;

/** What a sink knows of tables that were, or are to be, filled with the job's rows. All of it throws {@link UnreachableException} where nobody answers. */
public interface SinkRepairs extends AutoCloseable {
    /** How often each table was filled, by table of the source; all tables that it has. */
    Map<String, Long> filled();

    /** Tables of the source that need it. */
    List<String> broken();

    @Override
    void close();
}
