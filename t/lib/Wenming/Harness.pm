package Wenming::Harness;

# prove, with a last line to add up.  Everything must pass: what is skipped
# or marked as to do has not.

use strict;
use warnings;

use parent 'TAP::Harness';


sub summary {
    my ($self, $aggregate) = @_;

    $self->SUPER::summary($aggregate);

    my ($passed, $failed) = (0, 0);

    for my $parser ($aggregate->parsers($aggregate->descriptions)) {
        my %bad = map { $_ => 1 } $parser->failed, $parser->skipped,
                                  $parser->todo;

        $passed += grep { !$bad{$_} } $parser->actual_passed;
        $failed += keys %bad;

        # a file that died, said too little, or wanted none of it

        $failed++ if !%bad && ($parser->has_problems || $parser->skip_all
                               || !$parser->tests_run);
    }

    print "http: $passed passed, $failed failed, ",
          scalar($aggregate->descriptions), " files\n";

    return;
}


1;
