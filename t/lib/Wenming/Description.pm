package Wenming::Description;

# docs/api/openapi.json: what may be asked, and whether an answer is one of
# those that it describes.  Remembers which of them were seen.

use strict;
use warnings;
use utf8;

use Carp qw(croak);
use JSON::PP ();

use Wenming::Schema;
use Wenming::Site;

our $FILE = 'docs/api/openapi.json';


sub new {
    my ($class) = @_;

    my $text = Wenming::Site::read_file("$Wenming::Site::ROOT/$FILE");
    my $root = JSON::PP->new->utf8->decode($text);

    return bless { root => $root, schema => Wenming::Schema->new($root),
                   seen => {} }, $class;
}


sub schema {
    my ($self) = @_;

    return $self->{schema};
}


# Names as "GET /api/menu".

sub operations {
    my ($self) = @_;

    my $paths = $self->{root}{paths};

    return map { my $path = $_;
                 map { uc($_) . " $path" } sort keys %{$paths->{$path}} }
           sort keys %$paths;
}


sub operation {
    my ($self, $name) = @_;

    my ($method, $path) = split ' ', $name;

    return $self->{root}{paths}{$path}{lc $method}
           || croak "$name is not described";
}


# The parameters of a place: path, query or header.

sub parameters {
    my ($self, $name, $in) = @_;

    return grep { $_->{in} eq $in }
           map { $self->{schema}->resolve($_) }
           @{$self->operation($name)->{parameters} || []};
}


# The schema of a body, undef where there is none.

sub body {
    my ($self, $name) = @_;

    my $body = $self->operation($name)->{requestBody} or return undef;

    return $self->{schema}->resolve(
        $self->{schema}->resolve($body)->{content}{'application/json'}
        {schema});
}


sub response {
    my ($self, $name, $status) = @_;

    my $response = $self->operation($name)->{responses}{$status};

    return $response && $self->{schema}->resolve($response);
}


# The codes that a problem of this status may have.

sub codes {
    my ($self, $name, $status) = @_;

    my $content = $self->response($name, $status)->{content} or return;
    my $problem = $content->{'application/problem+json'} or return;
    my $code = $problem->{schema}{properties}{code};

    return exists $code->{const} ? $code->{const} : @{$code->{enum}};
}


# Everything that is described, as "GET /api/menu 422 invalid".

sub answers {
    my ($self) = @_;

    my @all;

    for my $name ($self->operations) {
        for my $status (sort keys %{$self->operation($name)->{responses}}) {
            my @codes = $self->codes($name, $status);
            push @all, map { join ' ', $name, $status, grep { length } $_ }
                       @codes ? @codes : '';
        }
    }

    return @all;
}


sub seen {
    my ($self, $answer) = @_;

    return $self->{seen}{$answer};
}


# What is wrong with an answer to this operation; nothing: it is described.

sub judge {
    my ($self, $name, $r) = @_;

    my $described = $self->response($name, $r->{status})
                    or return "$r->{status} is not described";
    my @wrong = $self->judge_headers($described, $r);
    my $content = $described->{content};
    my $code = '';

    if (!$content) {
        push @wrong, 'has a body' if length $r->{body};

    } else {
        (my $type = $r->type) =~ s/;.*//;
        my $media = $content->{$type}
                    or return "the type $type is not described";

        if ($type =~ /\bjson$/) {
            push @wrong, $self->judge_json($media->{schema}, $r);
            $code = $r->json->{code} || '' if $type =~ /problem/;
        }
    }

    $self->{seen}{join ' ', $name, $r->{status}, grep { length } $code}++
        if !@wrong;

    return @wrong;
}


sub judge_headers {
    my ($self, $described, $r) = @_;

    my $headers = $described->{headers} || {};
    my @wrong;

    for my $name (sort keys %$headers) {
        my $header = $self->{schema}->resolve($headers->{$name});
        my ($value) = $r->all($name);

        if (defined $value) {
            push @wrong, map { "$name $_" }
                         $self->{schema}->check($header->{schema}, $value);
        } elsif ($header->{required}) {
            push @wrong, "no $name";
        }
    }

    return @wrong;
}


sub judge_json {
    my ($self, $schema, $r) = @_;

    my $doc = eval { JSON::PP->new->utf8->decode($r->{body}) };

    return 'is no JSON' if !defined $doc;

    my @wrong = $self->{schema}->check($schema, $doc);

    if ($r->{status} >= 400) {
        push @wrong, "status $doc->{status}" if $doc->{status} ne $r->{status};
        push @wrong, "type $doc->{type}"
            if $doc->{type} ne "urn:wenming:$doc->{code}";
        push @wrong, 'errors, or none'
            if ($r->{status} == 422) != exists $doc->{errors};
    }

    return @wrong;
}


1;
