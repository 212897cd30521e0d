use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

use Wenming::Wordpress;

# A WordPress as Debian packages it, first by itself, then with the lines of
# docs/examples/nginx-wordpress.conf in the same nginx: the menu is in its
# pages, its login is believed, and nothing else has changed.

my $missing = Wenming::Wordpress->missing;

plan skip_all => "$missing: tools/install-packages sites" if $missing;

my $root = $Wenming::Site::ROOT;
my $site = Wenming::Site->prepare(place => [], plain => 1, expect => [
    qr/connect\(\) to unix:\S+php\.sock failed/]);

$site->start_redis;
$site->import_data("$root/demo/data");

my $wp = Wenming::Wordpress->start($site);

$site->{server} = [$wp->server_before];
$site->start_nginx;

my $visitor = $site->browser;
my $editor = $site->browser;

$wp->install($visitor);
$wp->php(<<'END');
update_option('permalink_structure', '/%postname%/');
update_option('blog_public', 1);
$GLOBALS['wp_rewrite']->init();
flush_rewrite_rules();
wp_insert_comment(array('comment_post_ID' => 1, 'comment_approved' => 1,
    'comment_author' => 'x', 'comment_content' => wp_filter_kses(
    'so <!--# include virtual="/wenming/fragment/menu" --> so')));
END
$wp->page('services', '便民服务',
          '<p>点单</p>' . (Wenming::Example::blocks('WordPress', 'html'))[0]
          . '<p>以上</p>');
$wp->resident('jia', '示例居民甲', $site->phone(1));
$wp->resident('yi', '示例居民乙', '');

is $wp->sign_in($editor, 'editor')->{status}, 302, 'the editor signs in';


# ---- what the site answers

my $picture = Wenming::Site::read_file("$root/docs/pictures/scan.png");


# An image through the editor's own door, and the address that it gets.

sub upload {
    my ($name) = @_;

    my ($nonce) = $editor->get('/wp-admin/post-new.php')->{body}
                  =~ /createNonceMiddleware\( "([0-9a-f]+)"/;
    my $r = $editor->post('/wp-json/wp/v2/media', body => $picture,
        type => 'image/png', headers => {
            'X-WP-Nonce' => $nonce,
            'Content-Disposition' => "attachment; filename=\"$name\"" });

    is $r->{status}, 201, "$name is uploaded" or diag($r->text);

    my ($path) = ($r->json->{source_url} || '') =~ m{^http://[^/]+(/.*)$};

    return $path;
}

my $upload = upload('before.png');
my @addresses = (
    [GET => '/'], [HEAD => '/'], [GET => '/hello-world/'],
    [GET => '/services/'], [GET => '/?p=1'], [GET => '/?s=wordpress'],
    [GET => '/nothing-here/'], [GET => '/wp-login.php'],
    [GET => '/wp-admin/'], [GET => '/wp-admin/users.php'],
    [GET => '/wp-json/'], [GET => '/wp-json/wp/v2/posts'],
    [GET => '/wp-json/wp/v2/pages?slug=services'],
    [GET => '/feed/'], [GET => '/comments/feed/'], [GET => '/wp-sitemap.xml'],
    [GET => '/robots.txt'], [GET => '/xmlrpc.php'], [GET => $upload],
    [GET => '/wp-includes/css/dist/block-library/style.min.css'],
    [GET => '/wp-admin/admin-ajax.php?action=x'],
    [POST => '/wp-login.php', form => { log => 'editor', pwd => 'wrong' }],
    [POST => '/wp-comments-post.php', form => { comment_post_ID => 1 }]
);


# Nonces, moments and the host of portraits are another each time.

sub plain {
    my ($body) = @_;

    $body =~ s/\b[0-9a-f]{10}\b/NONCE/g;
    $body =~ s/[0-2]\.gravatar/N.gravatar/g;
    $body =~ s/"(?:date|time|timestamp)":[^,}]*/TIME/g;

    return $body;
}

sub answers {
    my ($who) = @_;

    my %answers;

    for my $a (@addresses) {
        my ($method, $path, @more) = @$a;
        my $r = $who->fresh;

        $r->{cookies} = { %{$who->{cookies}} };
        $r = $r->request($method, $path, @more);

        $answers{"$method $path"} = {
            status => $r->{status}, body => plain($r->{body}),
            type => $r->header('content-type'),
            location => $r->header('location'),
            cookies => [sort map { /^([^=]+)/ } $r->all('set-cookie')],
            expires => $r->header('cache-control') };
    }

    return \%answers;
}

my %before = (visitor => answers($visitor), editor => answers($editor));

is $before{visitor}{'GET /'}{status}, 200, 'the site is there';
unlike $before{visitor}{'GET /services/'}{body}, qr/course/, 'without a menu';
is $before{editor}{'GET /wp-admin/'}{status}, 200, 'and its desk';


# ---- what is new

$site->stop_nginx;
$site->{plain} = 0;

$site->{server} = [$wp->server_after];
$site->start_nginx;

my %fragment = (
    menu => $visitor->get('fragment/menu?limit=12')->{body},
    timetable => $visitor->get('fragment/timetable?days=7')->{body});


# What WordPress says, and in it what the file of examples puts there.

sub expected {
    my ($answer) = @_;

    my $body = $answer->{body};
    my $footer = '<div class="wenming-timetable default-max-width">';

    return $body if ($answer->{type} || '') !~ m{^text/html};

    $body =~ s/<!--#/<!-- #/g;
    $body =~ s{(<div class="wenming-menu">)(</div>)}
              {$1$fragment{menu}$2}g;
    $body =~ s{(<footer id="colophon")}
              {$footer$fragment{timetable}</div>$1}g;

    return $body;
}

sub compare {
    my ($name, $who) = @_;

    my $after = answers($who);

    for my $address (sort keys %$after) {
        my $was = $before{$name}{$address};
        my $is = $after->{$address};

        ok $is->{body} eq expected($was), "$name: $address: the same page"
            or diag(differ(expected($was), $is->{body}));
        is_deeply { %$is, body => '' }, { %$was, body => '' },
                  'and the same answer';
    }

    return $after;
}

sub differ {
    my ($was, $is) = @_;

    my $n = 0;

    $n++ while $n < length $was && substr($was, $n, 1) eq substr $is, $n, 1;

    return "was: ...", substr($was, $n > 80 ? $n - 80 : 0, 240),
           "\nis: ...", substr($is, $n > 80 ? $n - 80 : 0, 240);
}

my $after = compare('visitor', $visitor);

compare('editor', $editor);
upload('after.png');


# ---- the menu in its pages

my $body = $after->{'GET /services/'}{body};

like $body, qr/course\/culture-01/, 'a page has the menu';
like $after->{'GET /'}{body}, qr{wenming/timetable}, 'all have the timetable';

$body = $after->{'GET /hello-world/'}{body};
like $body, qr/<!-- # include virtual="\/wenming\/fragment\/menu" -->/,
     'what a visitor wrote is no instruction';
unlike $body, qr/course\/culture-01/, 'and shows nothing';



# ---- an order, from there

my ($course) = $after->{'GET /services/'}{body}
               =~ m{href="http://127.0.0.1:\d+(/wenming/course/culture-01)"};
my $form = $visitor->get($course);

page($form, 200, ['提交点单'], 'the link leads to the form of an order');

my %order = (unit => 'wenyilu-1', head_count => 30,
             wanted => substr(Wenming::Site::iso(time + 10 * 86400), 0, 10));

my $r = $site->send_form($visitor, $form, {
    %order, contact_name => '示例居民丙', phone => $site->phone(3) },
    qr{/course/});
page($r, 201, ['已提交'], 'and the order is taken');


# ---- who is signed in there

my $event = $site->event;


# A device on which somebody is signed in at WordPress.

sub device {
    my ($login) = @_;

    my $browser = $site->browser;
    my $r = $wp->sign_in($browser, $login);

    is $r->{status}, 302, "$login signs in at the site";

    return $browser;
}

sub scan { return $_[0]->get($site->code($event)->{path}) }

sub asks { return qr/<input[^>]*name="phone"/ }

my $jia = device('jia');
my $page = scan($jia);

page($page, 200, ['示例居民甲'], 'and is greeted by the code on the wall');
unlike $page->{body}, asks(), 'and asked for nothing';

my $ticket = $jia->get('api/' . $site->code($event)->{path})->json->{ticket};

$r = $jia->post('api/c', json => { ticket => $ticket, who => 'me' });
is $r->{status}, 201, 'one tap';
is $site->roster($event)->{items}[0]{name}, '示例居民甲', 'is in the roster';

$page = $jia->get('course/culture-01');
like $page->text, qr/name="contact_name"[^>]*value="示例居民甲"/,
     'the form of an order has the name';

like scan(device('yi'))->{body}, asks(),
     'who has no phone there is asked';
like scan($site->browser)->{body}, asks(), 'who is not signed in, too';

# not his cookie, nor the word of a client

my $thief = $site->browser;

$thief->{cookies}{$_} = { %{$jia->{cookies}{$_}}, value => 'jia%7C9%7Cx%7Cy' }
    for grep { /logged_in/ } keys %{$jia->{cookies}};
ok %{$thief->{cookies}}, 'a cookie that nobody signed';
$page = scan($thief);
like $page->{body}, asks(), 'says nothing';
$page = $site->browser->get($site->code($event)->{path}, headers => {
    'X-Name' => 'x', 'X-Phone' => $site->phone(1),
    Cookie => 'wordpress_logged_in_x=1' });
like $page->{body}, asks(), 'nor do headers of a client';

$r = $jia->get('/wenming-session');
is $r->{status}, 204, 'what nginx asks tells a browser nothing';
ok !defined $r->header('x-phone'), 'not even of himself';

# signed out

my $out = $jia->get('/wp-login.php?action=logout');
my ($leave) = $out->text =~ m{href="http://[^/]+(/wp-login\.php\?action=
                              logout[^"]*)"}x;

$jia->get($leave =~ s/&#038;|&amp;/&/gr);
like scan($jia)->{body}, asks(), 'signed out there, nobody is greeted';


# ---- and when there is no WordPress

my $bing = device('jia');

is_deeply [$wp->faults], [], 'PHP has nothing to say';
$wp->stop;
is $bing->get('/')->{status}, 502, 'without PHP the site is away';
like scan($bing)->{body}, asks(), 'but people can say who they are';
is $bing->get('menu')->{status}, 200, 'and see the menu';

end();
