package io.tributary;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Which row of {@code catalogue.txt} a test covers; {@link CatalogueTest} makes docs/reference/coverage.md of them. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@Repeatable(Covers.All.class)
public @interface Covers {
    String row();

    Form[] forms() default {Form.SCHEMA, Form.PLAIN, Form.FLAT};

    How how() default How.EXACT;

    /** What the row of the table is wrapped in. */
    enum Form {
        /** An envelope behind its schema block. */
        SCHEMA("envelope with schema"),
        /** A bare envelope. */
        PLAIN("bare envelope"),
        /** The row alone, as ExtractNewRecordState leaves it, with or without a schema block. */
        FLAT("row alone");

        private final String title;

        Form(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    /** What becomes of it. */
    enum How {
        /** What the source has is what the sinks get. */
        EXACT,
        /** What a setting or a documented rule says. */
        POLICY,
        /** A dead letter with its reason. */
        REFUSED,
        /** Nothing on the wire tells it; KNOWN_LIMITS says what it is taken for. */
        UNDECIDABLE
    }

    /** Several of one test. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    @interface All {
        Covers[] value();
    }
}
