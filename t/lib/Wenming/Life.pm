package Wenming::Life;

# Some weeks in the life of a site, for what reads it afterwards: orders that
# went different ways, events that people came to, enrolments, ratings and
# wishes, in two institutes.  And both kinds of archive of it.

use strict;
use warnings;
use utf8;

use Carp qw(croak);
use Digest::SHA qw(sha1_hex);
use Time::HiRes qw(time);

use Wenming::Postgres;
use Wenming::Site;

our $NAME = '张示例甲';
our $GROUP = '=1+1示例单位';


sub good {
    my ($r) = @_;

    croak "$r->{status} $r->{error} " . $r->text if $r->{status} !~ /^2/;

    return $r->json;
}


# site, archives (0: none); returns what there is by name.

sub live {
    my ($class, $site, %o) = @_;

    my $self = bless { site => $site, orders => [], events => [],
                       wishes => [] }, $class;
    my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;

    $self->{worker} = $site->worker;
    $self->{clerk} = $site->staff(unit => 'wenyilu');
    $self->{lead} = $site->staff(unit => 'wenyilu', role => 'lead',
                                 team => 'wenyilu-squad');
    $self->{residents} = [map { $site->browser } 0 .. 6];

    my @units = qw(wenyilu-1 wenyilu-1 wenyilu-1 wenyilu-2 wenyilu furong
                   chaoyangjie-1);

    push @{$self->{orders}}, good($self->{residents}[$_]->post('api/orders',
        json => { course => $_ % 2 ? 'law-01' : 'theory-01',
                  unit => $units[$_], wanted => [$day], head_count => 10 + $_,
                  contact_name => $NAME, phone => $site->phone($_),
                  group => $GROUP, note => "备注$_" }))->{id} for 0 .. $#units;

    $self->dispatch;
    $self->events;
    $self->wishes;

    return $self;
}


sub dispatch {
    my ($self) = @_;

    my ($o, $clerk, $lead) = @$self{qw(orders clerk lead)};

    good($clerk->post("api/staff/orders/$o->[$_]/dispatch",
                      json => { team => 'wenyilu-squad' })) for 0 .. 3;
    good($lead->post("api/staff/orders/$o->[$_]/accept", json => {}))
        for 0 .. 2;
    good($clerk->post("api/staff/orders/$o->[4]/reject",
                      json => { reason => '找13911112222商量' }));
    good($self->{residents}[5]->post("api/orders/$o->[5]/cancel",
                                     json => {}));

    return;
}


sub events {
    my ($self) = @_;

    my ($site, $r) = @$self{qw(site residents)};
    my $o = $self->{orders};

    push @{$self->{events}},
        $site->event(orders => [@$o[0, 2]], capacity => 30),
        $site->event(start => Wenming::Site::iso(time + 86400), capacity => 3,
                     end => Wenming::Site::iso(time + 90000),
                     unit => 'wenyilu'),
        $site->event(draft => 1),
        $site->event(unit => 'chaoyangjie-1', course => 'law-01');

    good($r->[$_]->post("api/events/$self->{events}[1]/enrol", json => {
        name => $NAME, phone => $site->phone($_) })) for 0 .. 4;

    for my $visit ([0, 'in', 0 .. 3], [3, 'in', 2 .. 4],
                   [0, 'out', 0 .. 3])
    {
        my ($event, $way, @who) = @$visit;

        $site->check_in($r->[$_], $self->{events}[$event], $NAME,
                        $site->phone($_), kind => "screen-$way") for @who;
    }

    good($r->[$_]->post("api/events/$self->{events}[0]/ratings", json => {
        score => 3 + $_, text => "讲得好$_" })) for 0 .. 2;

    return;
}


sub wishes {
    my ($self) = @_;

    my ($site, $clerk) = @$self{qw(site clerk)};

    push @{$self->{wishes}}, good($self->{residents}[$_]->post('api/wishes',
        json => { wish => "想学用手机$_", text => "细节$_", who => 'new',
                  category => 'study', unit => 'wenyilu-1', name => $NAME,
                  phone => $site->phone($_) }))->{id} for 0, 1;

    good($clerk->post("api/staff/wishes/$self->{wishes}[0]/publish",
                      json => { wish => '想学手机' }));
    good($clerk->post('api/staff/courses', json => { title => '没写完' }));

    return;
}


# ---- archives

sub archives {
    my ($self) = @_;

    my $pg = $self->{pg} ||= Wenming::Postgres->start;
    my $file = $self->{file} = "$self->{site}{dir}/furong.db";

    $self->{to} = {
        SQLite => ["sqlite:$file"],
        PostgreSQL => [$pg->address, '--archive-password-file',
                       $pg->password_file],
    };
    $self->archive;

    return $self->{to};
}


sub archive {
    my ($self) = @_;

    $self->{site}->must('archive', '--to', @{$self->{to}{$_}})
        for sort keys %{$self->{to}};

    return;
}


# ---- a commit that no page makes

sub packed {
    my (@words) = @_;

    return pack('C n', 0xdc, scalar @words) . join '', map {
        my $word = $_;
        ref $word ? pack 'C', $$word
                  : pack('C N', 0xdb, length $word) . $word;
    } @words;
}


# Effects: [name, key, argument...].

sub commit {
    my ($self, @effects) = @_;

    my $site = $self->{site};
    my %keys = map { $site->key($_->[1]) => 1 } @effects;
    my $e = packed(map { (\scalar(@$_), $_->[0], $site->key($_->[1]),
                          @$_[2 .. $#$_]) } @effects);
    my $script = Wenming::Site::read_file(
        "$Wenming::Site::ROOT/redis/commit.lua");
    my $answer = $site->redis->call('EVAL', $script, 2 + keys %keys,
        $site->key('journal'), $site->key('head'), sort(keys %keys), 60,
        int(time * 1000), 'test.write tester - ' . sha1_hex($e), '', '',
        packed(\2), $e);

    croak "not committed: @{$answer->[0]}" if $answer->[0][0] ne 'done';

    return;
}


# Moves what a record says into the past: times of its fields and its steps.

sub age {
    my ($self, $days, @keys) = @_;

    my $redis = $self->{site}->redis;

    for my $key (@keys) {
        my %old = @{$redis->call('HGETALL', $self->{site}->key($key))};
        my %new;

        for my $field (grep { exists $old{$_} }
                       qw(made start end published due verified shown log))
        {
            ($new{$field} = $old{$field})
                =~ s/(?<!\d)(\d{13})(?!\d)/$1 - $days * 86_400_000/ge;
        }

        $self->commit(['HSET', $key, %new]);
    }

    return;
}


# What a statement says in an archive, a line for each row.

sub query {
    my ($self, $kind, $statement) = @_;

    return $self->{pg}->psql('furong', $statement) if $kind ne 'SQLite';

    my ($rc, $said) = Wenming::Site::run('sqlite3', '-list', '-separator',
                                         '|', $self->{file}, $statement);

    croak "sqlite3 ended with $rc: $said" if $rc;

    return split /\n/, $said;
}


1;
