package Wenming::Source;

# The tables in the C sources, as the compiler sees them: what the program
# answers and what is written about it are compared with them.

use strict;
use warnings;
use utf8;

use Carp qw(croak);
use Encode ();

use Wenming::Site;

my %METHOD = (WM_GET => 'GET', WM_POST => 'POST', WM_PATCH => 'PATCH',
              WM_DELETE => 'DELETE');


sub new {
    my ($class) = @_;

    my $root = $Wenming::Site::ROOT;
    my @files = (glob("$root/lua-free-handlers/*.c"),
                 map { "$root/core/wm_$_.c" }
                 qw(attend catalogue course enrol event field metrics notice notify
                    ops order order_life rating token unit verdict wish));
    my ($rc, $text) = Wenming::Site::run(
        $ENV{CC} || 'cc', qw(-E -P -std=c11 -D_GNU_SOURCE), "-I$root/core",
        "-I$root/ngx_wenming_module", @files);

    croak "cannot read the sources:\n" . substr $text, 0, 2000 if $rc;

    return bless { text => Encode::decode('UTF-8', $text) }, $class;
}


# An initialized array: its rows, lists of cells.  Strings are unquoted,
# everything else is as written.

sub table {
    my ($self, $name) = @_;

    my @all = $self->tables(qr/\Q$name\E/);

    @all == 1 or croak scalar(@all) . " tables are called $name";

    return @{$all[0]{rows}};
}


sub tables {
    my ($self, $name) = @_;

    my @found;

    while ($self->{text} =~ /\b($name)\s*\[\]\s*=\s*(?=\{)/g) {
        my ($found, $at) = ($1, pos $self->{text});

        push @found, { name => $found, rows => $self->read_list };
        pos($self->{text}) = $at;
    }

    return @found;
}


# A list in braces at the place where the last match ended.

sub read_list {
    my ($self) = @_;

    my (@list, $cell);

    $self->{text} =~ /\G\s*\{/gc or croak 'no list';

    while (1) {
        if ($self->{text} =~ /\G\s*"((?:[^"\\]|\\.)*)"/gc) {
            $cell = (defined $cell ? $cell : '') . $1;

        } elsif ($self->{text} =~ /\G\s*(?=\{)/gc) {
            $cell = $self->read_list;

        } elsif ($self->{text} =~ /\G\s*([,}])/gc) {
            push @list, $cell if defined $cell;
            undef $cell;
            return \@list if $1 eq '}';

        } elsif ($self->{text} =~ /\G\s*(\((?:[^()]|\([^()]*\))*\)|[^\s,{}"]+)
                                  /gcx)
        {
            $cell = defined $cell ? "$cell $1" : $1;

        } else {
            croak 'no end of a list';
        }
    }
}


# The routes of programs: method, path, who, cap, fields.

sub routes {
    my ($self) = @_;

    my @routes;

    for my $table ($self->tables(qr/wm_\w+_routes/)) {
        for my $row (@{$table->{rows}}) {
            my ($method, $path, $face, $who, $cap, undef, $fields) = @$row;

            push @routes, { method => $METHOD{$method}, path => "/$path",
                            staff => $who eq 'WM_STAFF', cap => $cap,
                            fields => $self->fields($fields) }
                if $path =~ m{^api/};
        }
    }

    return @routes;
}


sub fields {
    my ($self, $name) = @_;

    return [] if $name !~ /^wm_/;

    return [map { { name => $_->[0],
                    type => $_->[1] =~ s/^WM_FIELD_//r,
                    required => $_->[2], min => $_->[3], max => $_->[4] }
                } $self->table($name)];
}


1;
